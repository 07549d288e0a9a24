using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>Pods that somebody bound past the scheduler, on a node of their own.</summary>
public sealed class AdmissionTests(NodeFixture node)
{
    [Fact]
    public async Task A_critical_pod_comes_when_the_one_that_makes_way_has_ended()
    {
        await using var machine = await node.StartAsync(options => options with { Cpus = 1 });
        Run("makes-way", machine, "trap 'sleep 1; exit 3' TERM; touch /tmp/trapped; while :; do sleep 0.1; done", pod =>
        {
            Ask(pod, "800m");
            pod.Spec.TerminationGracePeriodSeconds = 20;
            pod.Spec.Containers![0].ReadinessProbe = new() { Exec = new() { Command = ["test", "-e", "/tmp/trapped"] }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 1 };
        });
        Run("stays", machine, "sleep 1000", pod => Ask(pod, "100m"));
        await ReadyAsync("makes-way");
        await ReadyAsync("stays");
        Run("takes-its-place", machine, "sleep 1000", pod => Ask(pod, "900m").Spec.Priority = 2_000_000_000);
        var critical = await ReadyAsync("takes-its-place");
        var victim = await node.PodAsync("makes-way", pod => pod.Status.ContainerStatuses![0].State?.Terminated is not null, "ended");
        Assert.Equal(("Failed", "Preempting", "Preempted in order to admit critical pod", 3), (victim.Status.Phase, victim.Status.Reason, victim.Status.Message, victim.Status.ContainerStatuses![0].State!.Terminated!.ExitCode));
        Assert.Contains(victim.Status.Conditions!, condition => condition is { Type: "DisruptionTarget", Status: "True", Reason: "TerminationByKubelet", Message: "Pod was preempted by Kubelet to accommodate a critical pod." });
        Assert.True(victim.Status.ContainerStatuses[0].State!.Terminated!.FinishedAt <= critical.Status.ContainerStatuses![0].State!.Running!.StartedAt);
        Assert.True(node.Api.Get(Kinds.Pods, "default", "stays")!.Status.ContainerStatuses![0].Ready);
        await node.EventAsync("makes-way", "Preempting", "Preempted in order to admit critical pod");
    }

    [Fact]
    public async Task What_does_not_belong_on_the_node_is_refused_and_what_is_there_stays()
    {
        await using var machine = await node.StartAsync(options => options with { NodeLabels = A.Labels("disk", "fast") });
        await Eventually.TrueAsync(() => Own() is not null, "the node is registered");
        Run("belongs-here", machine, "sleep 1000", pod => pod.Spec.NodeSelector = A.Labels("disk", "fast"));
        var before = await ReadyAsync("belongs-here");
        Change(own => own with { Metadata = own.Metadata with { Labels = A.Labels("disk", "slow") }, Spec = own.Spec with { Taints = [new() { Key = "drain", Effect = "NoExecute" }] } });
        await RefusedAsync("not-tolerating", "TaintToleration", "node(s) had taints that the pod didn't tolerate", _ => { });
        await RefusedAsync("selects-others", "NodeAffinity", "node(s) didn't match Pod's node affinity/selector", pod => (pod.Spec.NodeSelector, pod.Spec.Tolerations) = (A.Labels("disk", "none"), [new() { Operator = "Exists" }]));
        Run("tolerates", machine, "sleep 1000", pod => pod.Spec.Tolerations = [new() { Key = "drain", Operator = "Exists" }]);
        await ReadyAsync("tolerates");

        // An agent that starts again does not ask anew whom the last one admitted.
        await machine.RestartAsync();
        Run("asked-by-the-next-agent", machine, "true", _ => { });
        await node.PodAsync("asked-by-the-next-agent", pod => pod.Status.Reason == "TaintToleration", "refused");
        var after = node.Api.Get(Kinds.Pods, "default", "belongs-here")!;
        Assert.Equal(("Running", before.Status.ContainerStatuses![0].ContainerID), (after.Status.Phase, after.Status.ContainerStatuses![0].ContainerID));

        Node? Own() => node.Api.Get(Kinds.Nodes, null, machine.Name);

        void Change(Func<Node, Node> change) => node.Api.Put(Kinds.Nodes, change(Own()!));

        async Task RefusedAsync(string name, string predicate, string description, Action<Pod> change)
        {
            // The watch tells the agent of the taint in its own time.
            for (var attempt = 0; ; attempt++)
            {
                Run($"{name}-{attempt}", machine, "true", pod =>
                {
                    pod.Spec.RestartPolicy = "Never";
                    change(pod);
                });
                var refused = await node.PodAsync($"{name}-{attempt}", pod => pod.Status.Phase is "Failed" or "Succeeded", "ended");
                if (refused.Status.Phase == "Failed")
                {
                    Assert.Equal((predicate, $"Pod was rejected: Predicate {predicate} failed: {description}"), (refused.Status.Reason, refused.Status.Message));
                    await node.EventAsync(refused.Metadata.Name, predicate, $"Predicate {predicate} failed: {description}");
                    return;
                }
            }
        }
    }

    private void Run(string name, RunningKubelet machine, string script, Action<Pod> change) => node.Run(name, script, pod =>
    {
        pod.Spec.NodeName = machine.Name;
        change(pod);
    });

    private static Pod Ask(Pod pod, string cpu)
    {
        pod.Spec.Containers![0].Resources = new() { Requests = A.Labels("cpu", cpu) };
        return pod;
    }

    private Task<Pod> ReadyAsync(string name) => node.PodAsync(name, pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
}
