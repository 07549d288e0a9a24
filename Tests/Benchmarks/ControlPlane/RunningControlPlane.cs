using System.Diagnostics;
using Flotilla.TestKit;

namespace Flotilla.Benchmarks.ControlPlane;

/// <summary>A <c>bin/clustercore serve</c> of its own, ready.</summary>
internal sealed class RunningControlPlane : IServedApi
{
    private readonly Process process;

    private RunningControlPlane(Process process, string kubeconfig) => (this.process, Kubeconfig) = (process, kubeconfig);

    public string Kubeconfig { get; }

    public TimeSpan CpuTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    public long ProportionalSetSize => ProcessWeight.ProportionalSetSize(process.Id);

    public static Task<RunningControlPlane> StartAsync(string directory, CancellationToken cancellationToken, params IEnumerable<string> options) =>
        StartAsync(directory, LoopbackPort.Free(), cancellationToken, options);

    /// <param name="port">Of an earlier start in the same directory: who has its kubeconfig finds it again.</param>
    public static async Task<RunningControlPlane> StartAsync(
        string directory, int port, CancellationToken cancellationToken, params IEnumerable<string> options)
    {
        var kubeconfig = Path.Combine(directory, "kubeconfig");
        var start = new ProcessStartInfo("bin/clustercore")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "serve", "--data-dir", Path.Combine(directory, "data"), "--listen", $"127.0.0.1:{port}", "--write-kubeconfig", kubeconfig,
            },
        };
        foreach (var option in options) { start.ArgumentList.Add(option); }
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var running = new RunningControlPlane(process, kubeconfig);
        await Readiness.WaitAsync(process, port, cancellationToken);
        // It is written last.
        while (!File.Exists(kubeconfig)) { await Task.Delay(5, cancellationToken); }
        return running;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
