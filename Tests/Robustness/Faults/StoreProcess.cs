using System.Diagnostics;
using Flotilla.TestKit;

namespace Flotilla.Robustness.Faults;

/// <summary><c>clustercore store</c> as a child process.</summary>
internal sealed class StoreProcess : IAsyncDisposable
{
    private readonly Process process;

    private StoreProcess(Process process, Uri endpoint) => (this.process, Endpoint) = (process, endpoint);

    public Uri Endpoint { get; }

    /// <param name="options">More of its options; without any it keeps all history.</param>
    public static async Task<StoreProcess> StartAsync(string directory, CancellationToken cancellationToken, params string[] options)
    {
        var port = LoopbackPort.Free();
        string[] kept = options.Length > 0 ? options : ["--history-age", "0"];
        var process = Clustercore.Start(["store", "--data-dir", directory, "--listen", $"127.0.0.1:{port}", .. kept]);
        process.ErrorDataReceived += static (_, line) => TestContext.Current.SendDiagnosticMessage(line.Data ?? "");
        process.BeginErrorReadLine();

        // It says one line when it listens, and none when it cannot start.
        Assert.NotNull(await process.StandardOutput.ReadLineAsync(cancellationToken));
        return new(process, new($"{(options.Contains("--cert") ? "https" : "http")}://127.0.0.1:{port}"));
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
}
