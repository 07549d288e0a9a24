using Flotilla.ClusterCore.Storage.Etcd.Client;
using Flotilla.Robustness.Faults;
using Flotilla.TestKit;

namespace Flotilla.Robustness;

/// <summary><c>clustercore store …</c> as an operator meets it: what it says, and that it harms nothing.</summary>
public sealed class StoreCommandTests : IDisposable
{
    /// <summary>In the middle of what <see cref="FillAsync"/> writes.</summary>
    private const int Flipped = 1_500;
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("robustness");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Data => At("data");

    public void Dispose() => home.Delete(recursive: true);

    [Fact]
    public async Task A_store_in_use_is_backed_up_and_otherwise_left_alone()
    {
        await using var server = await StoreProcess.StartAsync(Data, Cancellation);
        await using var store = await EtcdStore.OpenAsync(new() { Endpoints = [server.Endpoint] }, Cancellation);
        _ = await Stores.PutAsync(store, "a", "1");
        Assert.Equal($"revision 2 with 1 keys saved to {At("backup")}", await RunAsync("backup", "--data-dir", Data, At("backup")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("backup")));
        Assert.Contains("in use by another process", await FailAsync("--data-dir", Data, "--listen", "127.0.0.1:0"), StringComparison.Ordinal);
        Assert.Contains("in use by another process", await FailAsync("verify", "--data-dir", Data), StringComparison.Ordinal);
        Assert.Contains("in use by another process", await FailAsync("repair", "--data-dir", Data), StringComparison.Ordinal);
        Assert.Contains("is not empty", await FailAsync("restore", "--data-dir", Data, At("backup")), StringComparison.Ordinal);
        Assert.Contains("exists", await FailAsync("backup", "--data-dir", Data, At("backup")), StringComparison.Ordinal);
        Assert.Equal(3, await Stores.PutAsync(store, "a", "2"));
    }

    [Fact]
    public async Task A_backup_becomes_a_store_and_a_damaged_one_does_not()
    {
        await FillAsync();
        _ = await RunAsync("backup", "--data-dir", Data, At("backup"));
        Assert.Contains("revision:  21 (compacted 21)\nkeys:      20", await RunAsync("restore", "--data-dir", At("restored"), At("backup")), StringComparison.Ordinal);
        Assert.Contains("keys:      20", await RunAsync("status", "--data-dir", At("restored")), StringComparison.Ordinal);
        var bytes = await File.ReadAllBytesAsync(At("backup"), Cancellation);
        await File.WriteAllBytesAsync(At("short"), bytes[..^100], Cancellation);
        bytes[^200] ^= 1;
        await File.WriteAllBytesAsync(At("rotten"), bytes, Cancellation);
        foreach (var bad in (string[])[At("short"), At("rotten")])
        {
            Assert.Contains($"{bad} is corrupt at offset 0", await FailAsync("restore", "--data-dir", At("nothing"), bad), StringComparison.Ordinal);
            Assert.False(Directory.Exists(At("nothing")));
        }

        Assert.Contains("there is no backup at", await FailAsync("restore", "--data-dir", At("nothing"), At("none")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_is_named_by_file_and_offset_and_cut_off_when_asked()
    {
        await FillAsync();
        var log = Path.Combine(Data, "log-0000000000000001");
        var bytes = await File.ReadAllBytesAsync(log, Cancellation);
        bytes[Flipped] ^= 1;
        await File.WriteAllBytesAsync(log, bytes, Cancellation);
        var verdict = await FailAsync("verify", "--data-dir", Data);
        Assert.Matches("log-0000000000000001 is corrupt at offset [0-9]+", verdict);
        var offset = int.Parse(verdict.Split("offset ")[1].Split(':')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(offset, Flipped - 200, Flipped);
        Assert.Contains("is corrupt at offset", await FailAsync("--data-dir", Data, "--listen", "127.0.0.1:0"), StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(log, Cancellation));
        _ = await RunAsync("repair", "--data-dir", Data);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(log + ".damaged", Cancellation));
        Assert.Equal(offset, new FileInfo(log).Length);
        await using var server = await StoreProcess.StartAsync(Data, Cancellation);
    }

    [Fact]
    public async Task Over_mutual_tls_only_clients_with_a_certificate_are_served()
    {
        var (authority, certificate, key) = TestCertificates.Write(home.FullName);
        await using var server = await StoreProcess.StartAsync(
            Data, Cancellation, "--cert", certificate, "--key", key, "--client-ca", authority);
        string[] known = ["--endpoints", server.Endpoint.ToString(), "--cacert", authority, "--cert", certificate, "--key", key];
        Assert.Equal((0, "OK"), await Clustercore.FinishAsync("etcdctl", [.. known, "put", "a", "1"]));
        Assert.Equal((0, "a\n1"), await Clustercore.FinishAsync("etcdctl", [.. known, "get", "a"]));
        Assert.NotEqual(0, (await Clustercore.FinishAsync("etcdctl", [.. known[..4], "--dial-timeout=1s", "--command-timeout=2s", "get", "a"])).Code);
        Assert.NotEqual(0, (await Clustercore.FinishAsync("etcdctl", [.. known[..2], "--dial-timeout=1s", "--command-timeout=2s", "get", "a"])).Code);
    }

    [Theory]
    [InlineData("there is no store in /nowhere", "status", "--data-dir", "/nowhere")]
    [InlineData("there is no store in /nowhere", "backup", "--data-dir", "/nowhere", "/tmp/file")]
    [InlineData("'nonsense' is not an address and port", "--data-dir", "/nowhere", "--listen", "nonsense")]
    [InlineData("TLS needs at least --cert and --key", "--data-dir", "/nowhere", "--cert", "/none.crt")]
    [InlineData("/none.crt", "--data-dir", "/nowhere", "--cert", "/none.crt", "--key", "/none.key")]
    public async Task What_cannot_be_done_is_said_in_one_line(string reason, params string[] arguments)
    {
        var line = await FailAsync(arguments);
        Assert.StartsWith("clustercore store: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.False(Directory.Exists("/nowhere"));
    }

    private string At(string name) => Path.Combine(home.FullName, name);

    private async Task FillAsync()
    {
        await using var server = await StoreProcess.StartAsync(Data, Cancellation);
        await using var store = await EtcdStore.OpenAsync(new() { Endpoints = [server.Endpoint] }, Cancellation);
        for (var i = 0; i < 20; i++)
        {
            _ = await Stores.PutAsync(store, $"k{i}", new string('v', 100));
        }
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output) = await Clustercore.RunAsync(["store", .. arguments]);
        Assert.True(code == 0, output);
        return output;
    }

    private static async Task<string> FailAsync(params string[] arguments)
    {
        var (code, output) = await Clustercore.RunAsync(["store", .. arguments]);
        Assert.Equal(1, code);
        return output;
    }
}
