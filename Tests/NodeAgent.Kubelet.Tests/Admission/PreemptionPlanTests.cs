using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Admission;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Admission;

public sealed class PreemptionPlanTests
{
    private const int Critical = 2_000_000_000;
    private static readonly Pod Newcomer = Pod("newcomer", priority: Critical);

    [Theory]
    [InlineData("cpu 100", "burstable-100", "burstable-100 burstable-500 guaranteed-500 best-effort")]
    [InlineData("cpu 101", "burstable-500", "burstable-100 burstable-500 guaranteed-500 best-effort")]
    [InlineData("cpu 600", "burstable-100 burstable-500", "burstable-100 burstable-500 guaranteed-500 best-effort")]
    [InlineData("cpu 601", "guaranteed-500 burstable-500", "burstable-100 burstable-500 guaranteed-500 best-effort")]
    [InlineData("pods 1", "best-effort", "burstable-100 burstable-500 guaranteed-500 best-effort")]
    [InlineData("pods 2", "best-effort burstable-100", "burstable-100 burstable-500 guaranteed-500 best-effort")]
    [InlineData("pods 1,cpu 400", "burstable-500", "burstable-100 burstable-500 guaranteed-500 best-effort")]
    [InlineData("cpu 400", "guaranteed-500", "guaranteed-500 guaranteed-900 best-effort")]
    public void The_least_that_is_enough_makes_way_and_the_lesser_classes_before_the_better(string missing, string expected, string running) =>
        Assert.Equal(expected.Split(' ').Order(), Victims(missing, [.. running.Split(' ').Select(OfClass)]).Order());

    [Fact]
    public void Who_comes_nearest_to_all_that_is_missing_goes_first()
    {
        var (cpu, memory, both) = (Pod("much-cpu", "900m", "1Mi"), Pod("much-memory", "1m", "900Mi"), Pod("some-of-both", "600m", "600Mi"));
        Assert.Equal(["some-of-both"], Victims($"cpu 600,memory {600 << 20}", [cpu, memory, both]));
        Assert.Equal(["much-cpu", "much-memory"], Victims($"cpu 700,memory {700 << 20}", [cpu, memory]).Order());
    }

    [Fact]
    public void Of_two_that_are_enough_the_smaller_goes()
    {
        Assert.Equal(["less-memory"], Victims("cpu 100", [Pod("more-memory", "100m", "64Mi"), Pod("less-memory", "900m", "32Mi")]));
        Assert.Equal(["less-cpu"], Victims("cpu 100", [Pod("more-cpu", "900m", "32Mi"), Pod("less-cpu", "100m", "32Mi")]));
    }

    [Fact]
    public void Other_critical_pods_stay_unless_they_are_less_important()
    {
        Assert.Empty(Victims("cpu 100", [Pod("equal", "100m", priority: Critical), Pod("static", "100m", priority: null, isStatic: true)]));
        Assert.Equal(["lesser"], PreemptionPlan.Compute(Pod("newcomer", priority: Critical + 1000), [Pod("lesser", "100m", priority: Critical)], [new("cpu", 100)]).Victims.Select(pod => pod.Metadata.Name));
    }

    [Fact]
    public void Nobody_leaves_in_vain()
    {
        var plan = PreemptionPlan.Compute(Newcomer, [Pod("small", "100m"), Pod("equal", "900m", priority: Critical)], [new("cpu", 500), new("pods", 1)]);
        Assert.Empty(plan.Victims);
        Assert.Equal("[(res: cpu, q: 400), ]", $"[{string.Concat(plan.Unmet)}]");
    }

    private static IEnumerable<string> Victims(string missing, Pod[] running) => PreemptionPlan
        .Compute(Newcomer, running, [.. missing.Split(',').Select(each => each.Split(' ')).Select(each => new Shortage(each[0], long.Parse(each[1], null)))])
        .Victims.Select(pod => pod.Metadata.Name);

    /// <param name="name">Its class, and how much cpu it asks for: <c>guaranteed-500</c>.</param>
    private static Pod OfClass(string name) => name.Split('-') switch
    {
        ["burstable", var cpu] => Pod(name, $"{cpu}m"),
        ["guaranteed", var cpu] => Guaranteed(Pod(name, $"{cpu}m")),
        _ => BestEffort(Pod(name, "0")),
    };

    private static Pod Pod(string name, string cpu = "100m", string memory = "64Mi", int? priority = 0, bool isStatic = false)
    {
        var pod = A.Pod(name, "node-0", "Running", cpu: cpu, memory: memory);
        pod.Spec.Priority = priority;
        pod.Metadata.Annotations = isStatic ? A.Labels("kubernetes.io/config.mirror", "1") : null;
        return pod;
    }

    private static Pod Guaranteed(Pod pod)
    {
        pod.Spec.Containers![0].Resources!.Limits = pod.Spec.Containers[0].Resources!.Requests;
        return pod;
    }

    private static Pod BestEffort(Pod pod)
    {
        pod.Spec.Containers![0].Resources = null;
        return pod;
    }
}
