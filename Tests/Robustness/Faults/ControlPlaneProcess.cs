using System.Diagnostics;
using Flotilla.TestKit;

namespace Flotilla.Robustness.Faults;

/// <summary><c>clustercore serve</c> as a child process, and <c>kubectl</c> to talk to it.</summary>
internal sealed class ControlPlaneProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly string kubeconfig;

    private ControlPlaneProcess(Process process, string kubeconfig) => (this.process, this.kubeconfig) = (process, kubeconfig);

    public static async Task<ControlPlaneProcess> StartAsync(string directory)
    {
        var kubeconfig = Path.Combine(directory, "kubeconfig");
        File.Delete(kubeconfig);
        var process = Clustercore.Start(
            "serve", "--data-dir", Path.Combine(directory, "data"), "--listen", $"127.0.0.1:{Clustercore.FreePort()}", "--write-kubeconfig", kubeconfig);
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
        Clustercore.FinishAsync("kubectl", ["--kubeconfig", kubeconfig, .. arguments]);

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
