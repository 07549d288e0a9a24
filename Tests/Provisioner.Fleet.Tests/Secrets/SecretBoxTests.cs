using System.Security.Cryptography;
using Flotilla.Provisioner.Fleet.Secrets;

namespace Flotilla.Provisioner.Fleet.Tests.Secrets;

public sealed class SecretBoxTests : IDisposable
{
    private readonly string home = Directory.CreateTempSubdirectory("flotilla-secrets-").FullName;

    public void Dispose() => Directory.Delete(home, recursive: true);

    [Fact]
    public void What_was_sealed_is_unsealed_by_whoever_has_the_key()
    {
        var sealedSecret = SecretBox.Open(home).Seal("geheim", "a purpose");

        Assert.Equal("geheim", SecretBox.Open(home).Unseal(sealedSecret, "a purpose"));
        Assert.DoesNotContain("geheim", System.Text.Encoding.UTF8.GetString(sealedSecret));
    }

    [Fact]
    public void A_secret_opens_for_its_own_purpose_only() => Assert.ThrowsAny<CryptographicException>(
        () => SecretBox.Open(home).Unseal(SecretBox.Open(home).Seal("geheim", "one"), "another"));

    [Fact]
    public void An_altered_secret_does_not_open()
    {
        var box = SecretBox.Open(home);
        var sealedSecret = box.Seal("geheim", "a purpose");
        foreach (var position in Enumerable.Range(0, sealedSecret.Length))
        {
            var altered = sealedSecret.ToArray();
            altered[position] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => box.Unseal(altered, "a purpose"));
        }
        Assert.ThrowsAny<CryptographicException>(() => box.Unseal(sealedSecret.AsSpan(0, 10), "a purpose"));
    }

    [Fact]
    public async Task Processes_that_start_together_agree_on_one_key_that_only_their_user_reads()
    {
        var boxes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => SecretBox.Open(home))));

        var sealedSecret = boxes[0].Seal("geheim", "a purpose");
        Assert.All(boxes, box => Assert.Equal("geheim", box.Unseal(sealedSecret, "a purpose")));
        var file = Assert.Single(Directory.GetFiles(home));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }
}
