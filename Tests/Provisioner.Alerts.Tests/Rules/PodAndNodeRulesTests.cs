using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Provisioner.Alerts.Rules;
using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.TestKit;

namespace Flotilla.Provisioner.Alerts.Tests.Rules;

public sealed class PodAndNodeRulesTests
{
    [Theory]
    [InlineData("CrashLoopBackOff", "pods-dying")]
    [InlineData("ImagePullBackOff", "image-missing")]
    [InlineData("ErrImagePull", "image-missing")]
    [InlineData("CreateContainerConfigError", "pods-dying")]
    [InlineData("ContainerCreating", "")]
    [InlineData(null, "")]
    public void What_a_container_waits_for_decides(string? reason, string rule)
    {
        var pod = A.Pod();
        pod.Status.ContainerStatuses = [new() { Name = "main", RestartCount = 4, State = new() { Waiting = new() { Reason = reason } } }];

        Assert.Equal(rule, string.Join(' ', PodRules.Evaluate(pod, A.Noon).Select(news => news.Rule)));
    }

    [Fact]
    public void Replicas_that_fail_alike_are_one_message_an_hour()
    {
        var owner = new ReplicaSet { Metadata = A.Meta("web") };
        Pod Dying(string name)
        {
            var pod = A.Pod(name, owner: owner);
            pod.Status.ContainerStatuses = [new() { Name = "main", State = new() { Waiting = new() { Reason = "CrashLoopBackOff" } } }];
            return pod;
        }
        string Key(Pod pod, DateTimeOffset at) => Assert.Single(PodRules.Evaluate(pod, at)).Key;

        Assert.Equal(Key(Dying("web-0"), A.Noon), Key(Dying("web-1"), A.Noon.AddMinutes(59)));
        Assert.NotEqual(Key(Dying("web-0"), A.Noon), Key(Dying("web-0"), A.Noon.AddMinutes(60)));
    }

    [Fact]
    public void An_out_of_memory_kill_is_named()
    {
        var pod = A.Pod();
        pod.Status.ContainerStatuses =
        [
            new()
            {
                Name = "main",
                RestartCount = 2,
                State = new() { Waiting = new() { Reason = "CrashLoopBackOff" } },
                LastState = new() { Terminated = new() { ExitCode = 137, Reason = "OOMKilled" } },
            },
        ];

        Assert.Contains("OOMKilled", Assert.Single(PodRules.Evaluate(pod, A.Noon)).Text);
    }

    [Theory, InlineData(59, 0), InlineData(60, 1)]
    public void A_pod_without_a_node_is_told_after_a_minute(int seconds, int told)
    {
        var pod = A.Pod();
        pod.Status.Conditions =
            [new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "0/1 nodes are available", LastTransitionTime = A.Noon }];

        Assert.Equal(told, PodRules.Evaluate(pod, A.Noon.AddSeconds(seconds)).Count());
    }

    [Theory]
    [InlineData("Ready", "True", 600, "")]
    [InlineData("Ready", "False", 29, "")]
    [InlineData("Ready", "False", 30, "node-not-ready")]
    [InlineData("Ready", "Unknown", 30, "node-not-ready")]
    [InlineData("MemoryPressure", "True", 0, "node-problem")]
    [InlineData("MemoryPressure", "False", 600, "")]
    public void Nodes_that_stay_unready_and_their_problems_are_told(string type, string status, int seconds, string rule)
    {
        var node = new Node
        {
            Metadata = A.Meta("worker-1", ns: null),
            Status = new() { Conditions = [new() { Type = type, Status = status, LastTransitionTime = A.Noon }] },
        };

        var news = NodeRules.Evaluate(node, A.Noon.AddSeconds(seconds)).ToList();

        Assert.Equal(rule, string.Join(' ', news.Select(one => one.Rule)));
        Assert.All(news, one => Assert.NotEqual(AlertSeverity.Info, one.Severity));
    }
}
