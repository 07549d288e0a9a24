using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Provisioner.Fleet.Secrets;

/// <summary>
/// Seals what must not be readable in the database or its backups, with a key that is not in the database.
/// A sealed secret: version 1 (1 byte), nonce (12), tag (16), ciphertext; <c>purpose</c> is authenticated with it, so that a
/// secret cannot be moved to where another belongs.
/// </summary>
public sealed class SecretBox
{
    private const byte Version = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int KeySize = 32;

    private readonly byte[] key;

    public SecretBox(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeySize) { throw new ArgumentException($"The key has {key.Length} bytes, not {KeySize}.", nameof(key)); }
        this.key = key.ToArray();
    }

    /// <summary>Opens <c>secret.key</c> in the directory and makes it (mode 0600) where it is missing.</summary>
    public static SecretBox Open(string home)
    {
        var path = Path.Combine(home, "secret.key");
        if (!File.Exists(path)) { CreateKey(home, path); }
        return new(Convert.FromBase64String(File.ReadAllText(path)));
    }

    public byte[] Seal(string secret, string purpose)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var sealedSecret = new byte[1 + NonceSize + TagSize + plain.Length];
        sealedSecret[0] = Version;
        var nonce = sealedSecret.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(
            nonce, plain, sealedSecret.AsSpan(1 + NonceSize + TagSize), sealedSecret.AsSpan(1 + NonceSize, TagSize), Encoding.UTF8.GetBytes(purpose));
        return sealedSecret;
    }

    /// <exception cref="CryptographicException">Sealed with another key, for another purpose, or altered.</exception>
    public string Unseal(ReadOnlySpan<byte> sealedSecret, string purpose)
    {
        if (sealedSecret.Length < 1 + NonceSize + TagSize || sealedSecret[0] != Version)
        {
            throw new CryptographicException("This is not a sealed secret of version 1.");
        }
        var plain = new byte[sealedSecret.Length - 1 - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(
            sealedSecret.Slice(1, NonceSize),
            sealedSecret[(1 + NonceSize + TagSize)..],
            sealedSecret.Slice(1 + NonceSize, TagSize),
            plain,
            Encoding.UTF8.GetBytes(purpose));
        return Encoding.UTF8.GetString(plain);
    }

    // Portal and provisioner may start together: the file appears whole, and the first one wins.
    private static void CreateKey(string home, string path)
    {
        Directory.CreateDirectory(home);
        var draft = $"{path}.{Guid.NewGuid():N}";
        using (var stream = new FileStream(draft, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeySize))));
        }
        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
