using System.Diagnostics;

namespace Flotilla.Benchmarks.ControlPlane;

/// <summary>
/// What a user waits for: from the request for a cluster to its control plane answering, its node Ready, and a first pod
/// Running. Needs a running platform (<c>deploy/up</c>), a signed-in CLI and the image <c>nginx:1.14.2</c> in
/// <c>$FLOTILLA_HOME/images</c>; <c>deploy/bench</c> sees to all three.
/// </summary>
public sealed class CreateClusterBenchmark : IBenchmark
{
    private const int Runs = 10;

    public string Name => "create-cluster";

    public string Description => "request to control plane ready, to node Ready, to first pod Running; 10 runs";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Samples controlPlane = new(), node = new(), pod = new();
        for (var run = 0; run < Runs; run++)
        {
            await MeasureAsync($"bench-{run}", controlPlane, node, pod, cancellationToken);
        }

        Print("click to control plane ready", controlPlane);
        Print("click to node Ready", node);
        Print("click to first pod Running", pod);
    }

    private static void Print(string name, Samples samples)
    {
        foreach (var percent in (int[])[50, 95])
        {
            new Figure($"{name}, p{percent}", Math.Round(samples.Percentile(percent), 2), "s", Runs, "one cluster at a time").Print();
        }
    }

    private static async Task MeasureAsync(
        string name, Samples controlPlane, Samples node, Samples pod, CancellationToken cancellationToken)
    {
        var kubeconfig = Path.Combine(Path.GetTempPath(), $"flotilla-bench-{name}.kubeconfig");
        var clicked = Stopwatch.StartNew();
        await RunAsync("bin/flotilla", ["cluster", "create", name, "--project", "bench", "--purpose", "personal", "--workers", "1"], cancellationToken);
        await UntilAsync(() => TryWriteKubeconfigAsync(name, kubeconfig, cancellationToken), cancellationToken);
        await UntilAsync(() => SucceedsAsync("kubectl", ["--kubeconfig", kubeconfig, "get", "--raw", "/readyz"], cancellationToken), cancellationToken);
        controlPlane.Add(clicked.Elapsed.TotalSeconds);
        await UntilAsync(() => PrintsAsync("Ready=True", kubeconfig, ["get", "nodes", "-o", ReadyConditions], cancellationToken), cancellationToken);
        node.Add(clicked.Elapsed.TotalSeconds);
        await UntilAsync(
            () => SucceedsAsync("kubectl", ["--kubeconfig", kubeconfig, "run", "first", "--image", "nginx:1.14.2"], cancellationToken), cancellationToken);
        await UntilAsync(() => PrintsAsync("Running", kubeconfig, ["get", "pod", "first", "-o", "jsonpath={.status.phase}"], cancellationToken), cancellationToken);
        pod.Add(clicked.Elapsed.TotalSeconds);
        await RunAsync("bin/flotilla", ["cluster", "delete", name, "--yes", "--wait"], cancellationToken);
        File.Delete(kubeconfig);
    }

    private const string ReadyConditions = "jsonpath={range .items[*].status.conditions[*]}{.type}={.status} {end}";

    private static async Task<bool> TryWriteKubeconfigAsync(string name, string file, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await TryRunAsync("bin/flotilla", ["cluster", "kubeconfig", name], cancellationToken);
        if (exitCode == 0) { await File.WriteAllTextAsync(file, output, cancellationToken); }
        return exitCode == 0;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        while (!await condition()) { await Task.Delay(20, either.Token); }
    }

    private static async Task<bool> PrintsAsync(string wanted, string kubeconfig, string[] arguments, CancellationToken cancellationToken) =>
        (await TryRunAsync("kubectl", ["--kubeconfig", kubeconfig, .. arguments], cancellationToken)).Output.Contains(wanted, StringComparison.Ordinal);

    private static async Task<bool> SucceedsAsync(string tool, string[] arguments, CancellationToken cancellationToken) =>
        (await TryRunAsync(tool, arguments, cancellationToken)).ExitCode == 0;

    private static async Task RunAsync(string tool, string[] arguments, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await TryRunAsync(tool, arguments, cancellationToken);
        if (exitCode != 0) { throw new InvalidOperationException($"{tool} {string.Join(' ', arguments)} failed: {output}"); }
    }

    private static async Task<(int ExitCode, string Output)> TryRunAsync(string tool, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(tool, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await error);
    }
}
