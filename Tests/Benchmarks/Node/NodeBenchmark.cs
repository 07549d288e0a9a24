using Flotilla.TestKit.Sandboxes;

namespace Flotilla.Benchmarks.Node;

/// <summary>
/// One node of a real cluster, as the platform makes them: control plane, containerd and agent on this machine. First pods, then the
/// agent's weight with 100 of them, then Services and names; at last thousands of nodes that are simulated.
/// </summary>
public sealed class NodeBenchmark : IBenchmark
{
    private const int StartedOneByOne = 50;
    private const int Pods = 100;
    private const int RuleNodes = 3;
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(20);

    public string Name => "node";

    public string Description => "pod creation to Ready, the agent's weight with 100 pods, service rules, DNS, the weight of simulated nodes";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using (var cluster = await SandboxedCluster.StartAsync(Path.GetFullPath("bin")))
        {
            await MeasurePodsAsync(cluster, cancellationToken);
            for (var more = 1; more < RuleNodes; more++) { await cluster.AddNodeAsync(); }
            await RuleLatency.MeasureAsync(cluster, cancellationToken);
            await DnsLoad.MeasureAsync(cluster, cancellationToken);
        }

        await ServiceRuleLoad.MeasureAsync(cancellationToken);
        await SimulatedNodeWeight.MeasureAsync(cancellationToken);
    }

    private static async Task MeasurePodsAsync(SandboxedCluster cluster, CancellationToken cancellationToken)
    {
        var agent = (await cluster.EnsureNodeAsync(0)).Agent.Pid;
        var starts = new PodStarts(cluster);
        var floor = await ContainerFloor.MeasureAsync(cluster, cancellationToken);
        await starts.RunAsync("warm", 2, 1, cancellationToken);
        var one = await starts.RunAsync("one", 10, 1, cancellationToken);
        new Figure("pod creation to Ready, one at a time, p50; peer: ctr run", Math.Round(one.Median, 3), "s", one.Count, "image present", Math.Round(floor.Median, 3)).Print();
        var five = await starts.RunAsync("five", StartedOneByOne, 5, cancellationToken);
        new Figure("pod creation to Ready at 5/s, p50", Math.Round(five.Median, 3), "s", five.Count, "image present, 1 container").Print();
        new Figure("pod creation to Ready at 5/s, p99", Math.Round(five.Percentile(99), 3), "s", five.Count, "image present, 1 container").Print();
        await starts.RunAsync("more", Pods - five.Count - one.Count - 2, 5, cancellationToken);

        var before = ProcessWeight.CpuTime(agent);
        await Task.Delay(IdleTime, cancellationToken);
        var cpu = (ProcessWeight.CpuTime(agent) - before) / IdleTime;
        new Figure("agent's idle CPU", Math.Round(100 * cpu, 2), "% of a core", 1, $"{Pods} idle pods").Print();
        new Figure("agent's memory (PSS)", Math.Round(ProcessWeight.ProportionalSetSize(agent) / 1048576.0, 1), "MiB", 1, $"{Pods} idle pods").Print();
    }
}
