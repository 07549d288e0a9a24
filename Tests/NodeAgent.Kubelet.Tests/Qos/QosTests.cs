using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Qos;

public sealed class QosTests
{
    private const long NodeMemory = 8L << 30;

    [Theory]
    [InlineData(null, null, null, null, "BestEffort")]
    [InlineData("1", "1Gi", "1", "1Gi", "Guaranteed")]
    [InlineData(null, null, "1", "1Gi", "Guaranteed")]
    [InlineData("1000m", "1024Mi", "1", "1Gi", "Guaranteed")]
    [InlineData("500m", "1Gi", "1", "1Gi", "Burstable")]
    [InlineData("1", null, null, null, "Burstable")]
    [InlineData(null, null, "1", null, "Burstable")]
    public void The_class_follows_from_requests_and_limits(string? cpu, string? memory, string? cpuLimit, string? memoryLimit, string expected) =>
        Assert.Equal(expected, PodQos.ClassOf(Spec(Resources(cpu, memory, cpuLimit, memoryLimit))));

    [Theory]
    [InlineData(null, null, 1000)]
    [InlineData("1Gi", "1Gi", -998)]
    [InlineData("4Gi", null, 500)]
    [InlineData("1Mi", null, 999)]
    [InlineData("8Gi", null, 2)]
    public void The_oom_score_follows_from_the_class_and_the_request(string? memory, string? limit, long expected)
    {
        var resources = limit is null ? Resources(memory is null ? null : "1", memory, null, null) : Resources("1", memory, "1", limit);
        var spec = Spec(resources);
        Assert.Equal(expected, ContainerResources.OomScoreAdjust(spec, spec.Main()[0], NodeMemory));
    }

    [Fact]
    public void What_a_pod_asks_for_beyond_its_containers_counts_for_each_of_them()
    {
        var spec = Spec(Resources(null, "1Gi", null, null), new());
        spec.Resources = Resources(null, "3Gi", null, null);
        Assert.Equal([750, 875], spec.Main().Select(container => ContainerResources.OomScoreAdjust(spec, container, NodeMemory)));
    }

    [Fact]
    public void A_sidecar_is_not_killed_before_those_that_it_serves()
    {
        var spec = Spec(Resources(null, "2Gi", null, null), Resources(null, "4Gi", null, null));
        spec.InitContainers = [A.Container("sidecar") with { RestartPolicy = "Always", Resources = null }, A.Container("init") with { Resources = null }];
        Assert.Equal([750, 999], spec.Init().Select(container => ContainerResources.OomScoreAdjust(spec, container, NodeMemory)));
    }

    [Theory]
    [InlineData(0, 2, 1)]
    [InlineData(1, 2, 1)]
    [InlineData(100, 102, 4)]
    [InlineData(1000, 1024, 39)]
    [InlineData(1_000_000, 262_144, 10_000)]
    public void Shares_and_weight_grow_with_the_request(long milliCpu, long shares, long weight) =>
        Assert.Equal((shares, weight), (ContainerResources.Shares(milliCpu), ContainerResources.Weight(ContainerResources.Shares(milliCpu))));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1000)]
    [InlineData(500, 50_000)]
    [InlineData(2500, 250_000)]
    public void The_quota_is_the_limit_of_one_period(long milliCpu, long quota) => Assert.Equal(quota, ContainerResources.Quota(milliCpu));

    [Fact]
    public void A_pod_has_a_limit_only_when_every_container_has()
    {
        var limited = Resources("1", "1Gi", "2", "2Gi");
        Assert.Equal(new PodResources(2000, 4000, 2L << 30, 4L << 30), PodResources.Of(Spec(limited, limited)));
        Assert.Equal(new PodResources(1500, 0, 1L << 30, 0), PodResources.Of(Spec(limited, Resources("500m", null, null, null))));
    }

    [Fact]
    public void An_init_container_runs_beside_the_sidecars_before_it()
    {
        var spec = Spec(Resources("1", "1Gi", null, null));
        spec.InitContainers =
        [
            A.Container("first", "1500m", "1Mi"),
            A.Container("sidecar", "1", "1Gi") with { RestartPolicy = "Always" },
            A.Container("last", "2", "512Mi"),
        ];
        Assert.Equal((3000, 2L << 30), (PodResources.Of(spec).MilliCpuRequest, PodResources.Of(spec).MemoryRequest));
    }

    [Fact]
    public void What_the_runtime_takes_for_itself_comes_on_top()
    {
        var spec = Spec(Resources("1", "1Gi", null, "2Gi"));
        spec.Overhead = Amounts("250m", "64Mi");
        Assert.Equal(new PodResources(1250, 0, (1L << 30) + (64L << 20), (2L << 30) + (64L << 20)), PodResources.Of(spec));
        Assert.Equal(1000, PodResources.Of(Spec(Resources("1", null, null, null))).MilliCpuRequest);
    }

    private static PodSpec Spec(params ResourceRequirements[] resources) =>
        new() { Containers = [.. resources.Select((each, index) => A.Container($"c{index}") with { Resources = each })] };

    private static ResourceRequirements Resources(string? cpu, string? memory, string? cpuLimit, string? memoryLimit) =>
        new() { Requests = Amounts(cpu, memory), Limits = Amounts(cpuLimit, memoryLimit) };

    private static Dictionary<string, string> Amounts(string? cpu, string? memory)
    {
        var amounts = new Dictionary<string, string>();
        if (cpu is not null) { amounts["cpu"] = cpu; }
        if (memory is not null) { amounts["memory"] = memory; }
        return amounts;
    }
}
