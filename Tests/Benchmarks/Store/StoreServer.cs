using System.Diagnostics;
using System.Globalization;
using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Etcd.Client;
using Flotilla.TestKit;

namespace Flotilla.Benchmarks.Store;

/// <summary>A server of etcd's API in a process of its own: ours, or the real one.</summary>
internal sealed class StoreServer : IAsyncDisposable
{
    private readonly Process process;

    private StoreServer(Process process, Uri endpoint) => (this.process, Endpoint) = (process, endpoint);

    public Uri Endpoint { get; }

    public TimeSpan CpuTime => ProcessWeight.CpuTime(process.Id);

    public long ProportionalSetSize => Memory(process.Id);

    /// <param name="measure">Of <c>smaps_rollup</c>; as it stands, memory with shared pages divided among those who share them.</param>
    public static long Memory(int process, string measure = "Pss:")
    {
        var line = File.ReadLines($"/proc/{process}/smaps_rollup").First(line => line.StartsWith(measure, StringComparison.Ordinal));
        return long.Parse(line[measure.Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture) * 1024;
    }

    public static async Task<StoreServer> StartEtcdAsync(string directory, CancellationToken cancellationToken)
    {
        var (client, peer) = (LoopbackPort.Free(), LoopbackPort.Free());
        return await StartAsync(
            "etcd",
            [
                "--data-dir", directory, "--listen-client-urls", $"http://127.0.0.1:{client}", "--advertise-client-urls", $"http://127.0.0.1:{client}",
                "--listen-peer-urls", $"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peer}",
                "--initial-cluster", $"default=http://127.0.0.1:{peer}", "--log-level", "error", "--quota-backend-bytes", "8589934592",
            ],
            client, cancellationToken);
    }

    public static async Task<StoreServer> StartOursAsync(string directory, CancellationToken cancellationToken)
    {
        var client = LoopbackPort.Free();
        return await StartAsync("bin/clustercore", ["store", "--data-dir", directory, "--listen", $"127.0.0.1:{client}"], client, cancellationToken);
    }

    public async Task<IStore> ConnectAsync(CancellationToken cancellationToken) =>
        await EtcdStore.OpenAsync(new() { Endpoints = [Endpoint] }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task<StoreServer> StartAsync(string program, string[] arguments, int port, CancellationToken cancellationToken)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new StoreServer(process, new($"http://127.0.0.1:{port}"));
        try
        {
            await using var probe = await server.ConnectAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
