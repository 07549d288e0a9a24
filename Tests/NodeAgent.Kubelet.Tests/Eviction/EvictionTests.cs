using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Eviction;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.NodeAgent.Kubelet.Server.Stats;
using Flotilla.NodeAgent.Kubelet.Volumes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Eviction;

public sealed class EvictionTests
{
    private const long Mi = 1 << 20;
    private static readonly TimeSpan Transition = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("memory.available<100Mi", 1000, 100)]
    [InlineData("nodefs.available<10%", 1000, 100)]
    [InlineData("pid.available<1k", 5, 1000)]
    public void A_threshold_is_an_amount_or_a_share(string text, long capacity, long least)
    {
        var unit = text.Contains("Mi", StringComparison.Ordinal) ? Mi : 1;
        Assert.Equal(least * unit, EvictionThreshold.Parse(text).Single().Least(capacity));
    }

    [Theory]
    [InlineData("memory.available")]
    [InlineData("memory.free<1Gi")]
    [InlineData("memory.available<much")]
    [InlineData("nodefs.available<101%")]
    public void What_is_no_threshold_is_refused(string text) => Assert.Throws<FormatException>(() => EvictionThreshold.Parse(text));

    [Theory]
    [InlineData("", 500, 200, "", null)]
    [InlineData("memory", 99, 200, "MemoryPressure", "memory.available")]
    [InlineData("disk", 500, 9, "DiskPressure", "nodefs.available")]
    [InlineData("both: memory runs out faster", 99, 9, "DiskPressure,MemoryPressure", "memory.available")]
    public void The_condition_and_what_to_reclaim_follow_from_the_signals(string why, long memory, long disk, string pressures, string? reclaim)
    {
        var plan = Plan("nodefs.available<10%,memory.available<100", memory, disk, EvictionHistory.None, A.Noon);
        Assert.True(string.Join(',', plan.Pressures) == pressures, why);
        Assert.Equal(reclaim, plan.Reclaim?.Threshold.Signal);
    }

    [Fact]
    public void A_soft_threshold_waits_and_a_condition_stays_a_while()
    {
        var soft = EvictionThreshold.Parse("memory.available<100", "memory.available=1m");
        var first = Plan(soft, 50, 100, EvictionHistory.None, A.Noon);
        Assert.Equal(("MemoryPressure", null), (first.Pressures.Single(), first.Reclaim));
        var later = Plan(soft, 50, 100, first.History, A.Noon.AddMinutes(1));
        Assert.NotNull(later.Reclaim);
        var better = Plan(soft, 500, 100, later.History, A.Noon.AddMinutes(5));
        Assert.Equal(("MemoryPressure", null), (better.Pressures.Single(), better.Reclaim));
        Assert.Empty(Plan(soft, 500, 100, better.History, A.Noon.AddMinutes(6)).Pressures);
    }

    [Fact]
    public void Who_uses_more_than_asked_for_goes_first_then_the_less_important_then_the_greediest()
    {
        PodUsage[] pods =
        [
            Pod("modest", used: 50, requested: 100), Pod("greedy", used: 300, requested: 100), Pod("greedier", used: 500, requested: 100),
            Pod("important", used: 900, requested: 100, priority: 1000), Pod("critical", used: 900, requested: 0, priority: 2_000_000_000),
        ];
        Assert.Equal("greedier greedy important modest", Names(EvictionOrder.Rank(EvictionSignal.MemoryAvailable, pods)));
        Assert.Equal("important greedier greedy modest", Names(EvictionOrder.Rank(EvictionSignal.NodeFsAvailable, [.. pods.Select(OnDisk)])));
        Assert.Equal("greedy modest greedier important", Names(EvictionOrder.Rank(EvictionSignal.PidAvailable, [.. pods.Select((pod, index) => pod with { Kernel = new() { Processes = (ulong)(index == 1 ? 9 : 5) } })])));
    }

    [Fact]
    public void What_a_pod_asked_for_as_a_whole_counts_for_it()
    {
        var whole = Pod("whole", used: 300, requested: 0);
        whole.Pod.Spec.Resources = new() { Requests = A.Labels("memory", "400Mi") };
        Assert.Equal("greedy whole", Names(EvictionOrder.Rank(EvictionSignal.MemoryAvailable, [whole, Pod("greedy", used: 50, requested: 40)])));
    }

    [Fact]
    public void The_status_says_what_was_low_and_who_used_it()
    {
        var met = new MetThreshold(EvictionThreshold.Parse("memory.available<100Mi").Single(), new(50 * Mi, 1000 * Mi));
        Assert.Equal(
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container main was using 300Mi, request is 100Mi, has larger consumption of memory. ",
            EvictionMessages.NodeWasLow(met, Pod("greedy", 300, 100)));
    }

    [Fact]
    public void Limits_on_local_storage_are_of_volumes_containers_and_pods()
    {
        Assert.Equal("Usage of EmptyDir volume \"data\" exceeds the limit \"1Mi\". ", LocalStorageLimits.Exceeded(Writing(volume: 2 * Mi, layer: 0, limit: null)));
        Assert.Equal("Pod ephemeral local storage usage exceeds the total limit of containers 4Mi. ", LocalStorageLimits.Exceeded(Writing(volume: 1 * Mi, layer: 4 * Mi, limit: "4Mi")));
        Assert.Null(LocalStorageLimits.Exceeded(Writing(volume: 1 * Mi, layer: 1 * Mi, limit: "4Mi")));
    }

    private static PodUsage Writing(long volume, long layer, string? limit)
    {
        var usage = Pod("writer", 0, 0);
        usage.Pod.Spec.Volumes = [new() { Name = "data", EmptyDir = new() { SizeLimit = "1Mi" } }];
        var spec = usage.Containers[0].Spec;
        spec.Spec.Resources = limit is null ? null : new() { Limits = A.Labels("ephemeral-storage", limit) };
        return usage with { Volumes = [new("data", new(volume, 1), default)], Containers = [usage.Containers[0] with { WritableLayer = new(layer, 1) }] };
    }

    /// <summary>The same, as a writer of layers instead of memory; who is important writes least.</summary>
    private static PodUsage OnDisk(PodUsage pod) => pod with
    {
        Containers = [pod.Containers[0] with { WritableLayer = new((long)pod.Kernel.WorkingSet, 1), Spec = new(new Container { Name = "main" }, ContainerKind.Main) }],
        Pod = pod.Pod with { Spec = pod.Pod.Spec with { Priority = pod.Pod.Metadata.Name == "important" ? -1 : pod.Pod.Spec.Priority } },
    };

    private static EvictionPlan Plan(string thresholds, long memory, long disk, EvictionHistory before, DateTimeOffset now) =>
        Plan(EvictionThreshold.Parse(thresholds), memory, disk, before, now);

    private static EvictionPlan Plan(IReadOnlyList<EvictionThreshold> thresholds, long memory, long disk, EvictionHistory before, DateTimeOffset now) => EvictionPlan.Compute(
        thresholds,
        new Dictionary<string, SignalAmount> { [EvictionSignal.MemoryAvailable] = new(memory, 1000), [EvictionSignal.NodeFsAvailable] = new(disk, 100) },
        before, Transition, now);

    private static PodUsage Pod(string name, long used, long requested, int priority = 0)
    {
        var pod = A.Pod(name, memory: $"{requested}Mi");
        pod.Spec.Priority = priority;
        var container = new PodContainer(pod.Spec.Containers![0], ContainerKind.Main);
        var kernel = new CgroupUsage { WorkingSet = (ulong)(used * Mi) };
        var record = new ContainerRecord { Id = name, Name = "main", SandboxId = "s", Attempt = 0, State = RunState.Running };
        return new(pod, kernel, 0, [new(container, record, kernel, 0, default(DiskUsage), default)], [], null);
    }

    private static string Names(IEnumerable<PodUsage> pods) => string.Join(' ', pods.Select(pod => pod.Pod.Metadata.Name));
}
