using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace Flotilla.Robustness.Faults;

/// <summary><c>clustercore store</c> as a child process.</summary>
internal sealed class StoreProcess : IAsyncDisposable
{
    private readonly Process process;

    private StoreProcess(Process process, Uri endpoint) => (this.process, Endpoint) = (process, endpoint);

    public Uri Endpoint { get; }

    public static async Task<StoreProcess> StartAsync(string directory, CancellationToken cancellationToken)
    {
        var port = FreePort();
        var process = Process.Start(new ProcessStartInfo(
            Executable(), ["store", "--data-dir", directory, "--listen", $"127.0.0.1:{port}", "--history-age", "0"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;

        // It says one line when it listens, and none when it cannot start.
        Assert.NotNull(await process.StandardOutput.ReadLineAsync(cancellationToken));
        return new(process, new($"http://127.0.0.1:{port}"));
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Built beside these tests, in the same configuration.</summary>
    private static string Executable()
    {
        var here = new DirectoryInfo(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!);
        return Path.Combine(here.Parent!.Parent!.FullName, "ClusterCore.Host", here.Name, "clustercore");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
