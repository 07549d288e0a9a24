using System.Diagnostics;

namespace Flotilla.ClusterCore.Storage.Tests.Etcd;

/// <summary>etcd's own command line against the front.</summary>
public sealed class EtcdctlTests : IAsyncLifetime
{
    private EtcdFrontServer? front;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => front = await EtcdFrontServer.StartAsync(Cancellation);

    public ValueTask DisposeAsync() => front!.DisposeAsync();

    [Fact]
    public async Task Keys_are_put_read_listed_and_deleted()
    {
        Assert.Equal("OK", await RunAsync("put", "a/1", "x"));
        Assert.Equal("OK\na/1\nx", await RunAsync("put", "a/1", "y", "--prev-kv"));
        Assert.Equal("OK", await RunAsync("put", "a/2", "z"));
        Assert.Equal("a/1\ny", await RunAsync("get", "a/1"));
        Assert.Equal("a/1\nx", await RunAsync("get", "a/1", "--rev=2"));
        Assert.Equal("a/2\nz\na/1\ny", await RunAsync("get", "--prefix", "a/", "--order=DESCEND"));
        Assert.Equal("a/1\ny", await RunAsync("get", "--prefix", "a/", "--sort-by=MODIFY", "--limit=1"));
        Assert.Equal("a/2\nz", await RunAsync("get", "--from-key", "a/2"));
        Assert.Equal("a/1\n\na/2", await RunAsync("get", "--prefix", "a/", "--keys-only"));
        Assert.Contains("\"count\":2", await RunAsync("get", "--prefix", "a/", "--limit=1", "-w", "json"), StringComparison.Ordinal);
        Assert.Equal("OK", await RunAsync("put", "a/2", "--ignore-value"));
        Assert.Equal("2", await RunAsync("del", "--prefix", "a/"));
        Assert.Equal("", await RunAsync("get", "--prefix", "a/"));
    }

    [Fact]
    public async Task Transactions_choose_their_branch()
    {
        _ = await RunAsync("put", "a", "1");
        Assert.Equal("SUCCESS\n\nOK\n\na\n2", await TypeAsync("mod(\"a\") > \"0\"\n\nput a 2\nget a\n\nput a 3\n\n", "txn"));
        Assert.Equal("FAILURE\n\nOK", await TypeAsync("value(\"a\") = \"1\"\n\nput a 2\n\nput a 3\n\n", "txn"));
    }

    [Fact]
    public async Task Transactions_can_be_typed_in()
    {
        _ = await RunAsync("put", "a", "1");
        var output = await TypeAsync("version(\"a\") = \"1\"\n\ndel a\n\nget a\n\n", "txn", "--interactive");
        Assert.Matches("compares:\\s+success requests.*\\s+failure requests.*\\s+SUCCESS\\s+1$", output);
    }

    [Theory]
    [InlineData("etcdserver: key not found", "put", "none", "--ignore-value")]
    [InlineData("etcdserver: requested lease not found", "lease", "revoke", "12ab")]
    [InlineData("etcdserver: too large lease TTL", "lease", "grant", "9000000001")]
    [InlineData("etcdserver: mvcc: required revision is a future revision", "compaction", "99")]
    [InlineData("unknown method /etcdserverpb.Auth/UserAdd", "user", "add", "me:me")]
    [InlineData("unknown method /etcdserverpb.Auth/AuthEnable", "auth", "enable")]
    [InlineData("unknown method /etcdserverpb.Cluster/MemberAdd", "member", "add", "other", "--peer-urls=http://127.0.0.1:1")]
    public async Task What_cannot_be_is_said_as_etcd_says_it(string reason, params string[] arguments) =>
        Assert.Contains(reason, await FailAsync("", arguments), StringComparison.Ordinal);

    [Fact]
    public async Task Transactions_and_values_beyond_the_limits_are_refused()
    {
        Assert.Contains("etcdserver: duplicate key given in txn request", await FailAsync("\nput a 1\nput a 2\n\n\n", "txn"), StringComparison.Ordinal);
        var puts = string.Concat(Enumerable.Range(0, 129).Select(static i => $"put k{i} x\n"));
        Assert.Contains("etcdserver: too many operations in txn request", await FailAsync($"\n{puts}\n\n", "txn"), StringComparison.Ordinal);
        Assert.Contains("etcdserver: request is too large", await FailAsync(new string('x', 1_600_000), "put", "large"), StringComparison.Ordinal);
        Assert.Equal("", await RunAsync("get", "--from-key", "a"));
    }

    [Fact]
    public async Task Watches_tell_what_was_and_what_comes()
    {
        _ = await RunAsync("put", "a/1", "x");
        using var watch = Start(["watch", "--prefix", "a/", "--rev=2", "--prev-kv"]);
        Assert.Equal(["PUT", "a/1", "x"], await LinesAsync(watch, 3));
        _ = await RunAsync("put", "a/1", "y");
        _ = await RunAsync("del", "a/1");
        Assert.Equal(["PUT", "a/1", "x", "a/1", "y", "DELETE", "a/1", "y", "a/1", ""], await LinesAsync(watch, 10));
        watch.Kill();
        _ = await RunAsync("compaction", "4");
        Assert.Contains("required revision has been compacted", await FailAsync("", "watch", "a/1", "--rev=2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locks_are_held_and_released()
    {
        Assert.Equal("held", await RunAsync("lock", "mutex", "echo", "held"));
        Assert.Equal("", await RunAsync("get", "--prefix", "mutex"));
    }

    [Fact]
    public async Task Leases_live_and_die()
    {
        var id = (await RunAsync("lease", "grant", "60")).Split(' ')[1];
        _ = await RunAsync("put", "a", "1", $"--lease={id}");
        Assert.Contains("attached keys([a])", await RunAsync("lease", "timetolive", id, "--keys"), StringComparison.Ordinal);
        Assert.Contains("keepalived with TTL(60)", await RunAsync("lease", "keep-alive", "--once", id), StringComparison.Ordinal);
        Assert.Equal($"found 1 leases\n{id}", await RunAsync("lease", "list"));
        Assert.Equal($"lease {id} revoked", await RunAsync("lease", "revoke", id));
        Assert.Equal("", await RunAsync("get", "a"));
    }

    [Fact]
    public async Task A_lease_is_kept_alive_until_it_is_revoked()
    {
        var id = (await RunAsync("lease", "grant", "1")).Split(' ')[1];
        using var keeping = Start(["lease", "keep-alive", id]);
        var kept = $"lease {id} keepalived with TTL(1)";
        Assert.Equal([kept, kept, kept, kept], await LinesAsync(keeping, 4));
        Assert.Equal($"lease {id} revoked", await RunAsync("lease", "revoke", id));
        Assert.Contains($"lease {id} expired or revoked.", await keeping.StandardOutput.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compaction_and_its_errors_read_as_etcds()
    {
        _ = await RunAsync("put", "a", "1");
        _ = await RunAsync("put", "a", "2");
        Assert.Equal("compacted revision 3", await RunAsync("compaction", "3"));
        Assert.Contains("etcdserver: mvcc: required revision has been compacted", await FailAsync("", "get", "a", "--rev=2"), StringComparison.Ordinal);
        Assert.Contains("etcdserver: mvcc: required revision is a future revision", await FailAsync("", "get", "a", "--rev=99"), StringComparison.Ordinal);
        Assert.Contains("etcdserver: requested lease not found", await FailAsync("", "put", "a", "1", "--lease=12"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_says_how_it_is()
    {
        Assert.Contains("\"health\":true", await RunAsync("endpoint", "health", "-w", "json"), StringComparison.Ordinal);
        Assert.Contains("3.5.", await RunAsync("endpoint", "status"), StringComparison.Ordinal);
        Assert.Contains("started, clustercore", await RunAsync("member", "list"), StringComparison.Ordinal);
        Assert.Equal("", await RunAsync("alarm", "list"));
        Assert.Contains("Finished defragmenting", await RunAsync("defrag"), StringComparison.Ordinal);
        Assert.NotEmpty(await RunAsync("endpoint", "hashkv"));
    }

    [Fact]
    public async Task A_snapshot_saved_over_the_network_can_be_restored()
    {
        using var directory = new Embedded.TemporaryDirectory();
        _ = await RunAsync("put", "a", "1");
        var path = Path.Combine(directory.Path, "snapshot");
        Assert.Contains("Snapshot saved", await RunAsync("snapshot", "save", path), StringComparison.Ordinal);
        var report = Storage.Embedded.StoreFiles.Restore(path, Path.Combine(directory.Path, "restored"));
        Assert.Equal((2L, 1L), (report.Revision, report.Keys));
    }

    private Task<string> RunAsync(params string[] arguments) => TypeAsync("", arguments);

    private async Task<string> TypeAsync(string input, params string[] arguments)
    {
        var (code, output) = await ExecuteAsync(input, arguments);
        Assert.True(code == 0, output);
        return output;
    }

    private async Task<string> FailAsync(string input, params string[] arguments)
    {
        var (code, output) = await ExecuteAsync(input, arguments);
        Assert.NotEqual(0, code);
        return output;
    }

    private static async Task<List<string?>> LinesAsync(Process process, int count)
    {
        var lines = new List<string?>();
        while (lines.Count < count)
        {
            lines.Add(await process.StandardOutput.ReadLineAsync(Cancellation));
        }

        return lines;
    }

    private async Task<(int Code, string Output)> ExecuteAsync(string input, string[] arguments)
    {
        using var process = Start(arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, (process.ExitCode == 0 ? output : output + await error).Trim());
    }

    private Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo("etcdctl", [$"--endpoints={front!.Endpoint.Authority}", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["ETCDCTL_API"] = "3";
        return Process.Start(start)!;
    }
}
