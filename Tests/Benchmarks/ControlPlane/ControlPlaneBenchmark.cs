using System.Diagnostics;

namespace Flotilla.Benchmarks.ControlPlane;

/// <summary>One control plane alone: how fast it starts, and what it costs to have it idle.</summary>
public sealed class ControlPlaneBenchmark : IBenchmark
{
    private const int Runs = 5;
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(60);

    public string Name => "control-plane";

    public string Description => "start of clustercore to /readyz, its memory (PSS) and CPU when idle for 60 s";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Samples first = new(), again = new();
        for (var run = 0; run < Runs; run++)
        {
            await using var directory = new ScratchDirectory();
            first.Add(await StartAsync(directory.Path, cancellationToken));
            again.Add(await StartAsync(directory.Path, cancellationToken));
        }

        new Figure("control-plane first start to readyz", first.Median, "s", Runs, "nothing else").Print();
        new Figure("control-plane restart to readyz", again.Median, "s", Runs, "nothing else").Print();
        await MeasureIdleAsync(cancellationToken);
    }

    private static async Task<double> StartAsync(string directory, CancellationToken cancellationToken)
    {
        var started = Stopwatch.StartNew();
        await using var controlPlane = await RunningControlPlane.StartAsync(directory, cancellationToken);
        return started.Elapsed.TotalSeconds;
    }

    private static async Task MeasureIdleAsync(CancellationToken cancellationToken)
    {
        await using var directory = new ScratchDirectory();
        await using var controlPlane = await RunningControlPlane.StartAsync(directory.Path, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken); // what a start does afterwards is not idling
        var before = controlPlane.CpuTime;
        await Task.Delay(IdleTime, cancellationToken);
        var share = (controlPlane.CpuTime - before) / IdleTime * 100;
        new Figure("control-plane idle CPU", Math.Round(share, 2), "% of a core", 1, "nothing else").Print();
        new Figure("control-plane idle memory (PSS)", Math.Round(controlPlane.ProportionalSetSize / 1048576.0, 1), "MiB", 1, "nothing else").Print();
    }
}
