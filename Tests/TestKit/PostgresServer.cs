using System.Diagnostics;

namespace Flotilla.TestKit;

/// <summary>
/// A real PostgreSQL for this test process alone: its own data directory, reached by Unix socket only. It ends with the
/// process, however that ends, because its shell waits for the end of standard input.
/// </summary>
public sealed class PostgresServer
{
    private static readonly Lazy<Task<PostgresServer>> Shared = new(StartAsync);

    private readonly string directory;
    private int databases;

    private PostgresServer(string home, Process process) => (directory, Process) = (home, process);

    /// <summary>Kept so that the pipe to it stays open.</summary>
    public Process Process { get; }

    public static Task<PostgresServer> SharedAsync() => Shared.Value;

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref databases)}";
        await RunAsync("createdb", "-h", directory, "-U", "postgres", name);
        return ConnectionString(name);
    }

    public string ConnectionString(string database) => $"Host={directory};Username=postgres;Database={database};Maximum Pool Size=20";

    private static async Task<PostgresServer> StartAsync()
    {
        var home = Directory.CreateTempSubdirectory("flotilla-postgres-").FullName;
        await RunAsync("chown", "postgres", home);
        var data = Path.Combine(home, "data");
        await RunAsync("runuser", "-u", "postgres", "--", Binary("initdb"), "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C.UTF-8");
        var process = Start(
            "sh", "-c", $"""
            runuser -u postgres -- {Binary("postgres")} -D {data} -k {home} -c listen_addresses= -c fsync=off -c max_connections=200 >{home}/log 2>&1 &
            cat >/dev/null
            runuser -u postgres -- {Binary("pg_ctl")} -D {data} -m immediate stop >/dev/null
            rm -rf {home}
            """);
        var server = new PostgresServer(home, process);
        await RunAsync("sh", "-c", $"for i in $(seq 300); do {Binary("pg_isready")} -q -h {home} -U postgres && exit 0; sleep 0.1; done; cat {home}/log >&2; exit 1");
        return server;
    }

    private static string Binary(string name) =>
        Directory.EnumerateDirectories("/usr/lib/postgresql").Order().Select(version => Path.Combine(version, "bin", name)).Last(File.Exists);

    private static async Task RunAsync(string command, params string[] arguments)
    {
        using var process = Start(command, arguments);
        process.StandardInput.Close();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) { throw new InvalidOperationException($"{command} {string.Join(' ', arguments)}: {error}"); }
    }

    private static Process Start(string command, params string[] arguments) => Process.Start(new ProcessStartInfo(command, arguments)
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardError = true,
        RedirectStandardOutput = command != "sh",
    })!;
}
