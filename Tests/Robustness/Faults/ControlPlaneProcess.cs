using System.Diagnostics;
using System.Globalization;
using Flotilla.TestKit;

namespace Flotilla.Robustness.Faults;

/// <summary><c>clustercore serve</c> as a child process, and <c>kubectl</c> to talk to it.</summary>
internal sealed class ControlPlaneProcess : IAsyncDisposable
{
    private readonly Process process;

    private ControlPlaneProcess(Process process, string kubeconfig) => (this.process, Kubeconfig) = (process, kubeconfig);

    public string Kubeconfig { get; }

    /// <summary>Bytes of memory, shared pages divided among those who share them.</summary>
    public long ProportionalSetSize
    {
        get
        {
            var line = File.ReadLines($"/proc/{process.Id}/smaps_rollup").First(static line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return long.Parse(line["Pss:".Length..^"kB".Length], CultureInfo.InvariantCulture) * 1024;
        }
    }

    public static async Task<ControlPlaneProcess> StartAsync(string directory)
    {
        var kubeconfig = Path.Combine(directory, "kubeconfig");
        File.Delete(kubeconfig);
        var process = Clustercore.Start(
            "serve", "--data-dir", Path.Combine(directory, "data"), "--listen", $"127.0.0.1:{LoopbackPort.Free()}", "--write-kubeconfig", kubeconfig);
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var running = new ControlPlaneProcess(process, kubeconfig);
        await Eventually.TrueAsync(
            async () => File.Exists(kubeconfig) && (await running.KubectlAsync("get", "serviceaccount", "default")).Code == 0, "the control plane serves",
            TimeSpan.FromMinutes(1));
        return running;
    }

    public Task<(int Code, string Output)> KubectlAsync(params IEnumerable<string> arguments) =>
        Clustercore.FinishAsync("kubectl", ["--kubeconfig", Kubeconfig, .. arguments]);

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
