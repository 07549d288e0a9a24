using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Statuses;
using Flotilla.TestKit;
using static Flotilla.NodeAgent.Kubelet.Tests.Plans.PodPlanTests;

namespace Flotilla.NodeAgent.Kubelet.Tests.Statuses;

public sealed class PodStatusTests
{
    [Fact]
    public void A_pod_without_a_sandbox_is_pending_and_creating()
    {
        var status = Status(Observe(Pod(), PodRuntimeState.None));
        Assert.Equal(("Pending", "ContainerCreating"), (status.Phase, status.ContainerStatuses![0].State!.Waiting!.Reason));
        Assert.Equal("False", Condition(status, "PodReadyToStartContainers").Status);
        Assert.Equal("True", Condition(status, "PodScheduled").Status);
    }

    [Fact]
    public void A_running_pod_is_ready_and_has_its_address()
    {
        var status = Status(Observe(Pod(), Running(Up("main"))));
        Assert.Equal(("Running", "10.244.0.7", "10.0.0.1"), (status.Phase, status.PodIP, status.HostIP));
        Assert.All((string[])["Initialized", "Ready", "ContainersReady"], type => Assert.Equal("True", Condition(status, type).Status));
        Assert.Equal("containerd://main-0", status.ContainerStatuses![0].ContainerID);
    }

    [Fact]
    public void An_unready_container_is_named_in_the_conditions()
    {
        var pod = Pod();
        pod.Spec.Containers![0].ReadinessProbe = new() { TcpSocket = new() { Port = 80 } };
        var ready = Condition(Status(Observe(pod, Running(Up("main")))), "Ready");
        Assert.Equal(("False", "ContainersNotReady", "containers with unready status: [main]"), (ready.Status, ready.Reason, ready.Message));
    }

    [Fact]
    public void A_crash_loop_shows_the_wait_and_the_last_end()
    {
        var observed = Observe(Pod(), Running(Ended("main", 3) with { Attempt = 4 })) with
        {
            BackOffs = new Dictionary<string, BackOffEntry> { ["main"] = new(TimeSpan.FromSeconds(80), A.Noon) },
        };
        var container = Status(observed).ContainerStatuses![0];
        Assert.Equal("CrashLoopBackOff", container.State!.Waiting!.Reason);
        Assert.StartsWith("back-off 1m20s restarting failed container=main pod=web-0_default(", container.State.Waiting.Message, StringComparison.Ordinal);
        Assert.Equal((3, "Error", 4), (container.LastState!.Terminated!.ExitCode, container.LastState.Terminated.Reason, container.RestartCount));
    }

    [Theory]
    [InlineData("Never", 0, "Succeeded", "PodCompleted")]
    [InlineData("Never", 1, "Failed", "PodFailed")]
    [InlineData("OnFailure", 0, "Succeeded", "PodCompleted")]
    public void The_end_of_all_containers_is_the_pods(string policy, int exitCode, string phase, string reason)
    {
        var status = Status(Observe(Pod(policy), Running(Ended("main", exitCode))));
        Assert.Equal((phase, reason), (status.Phase, Condition(status, "Ready").Reason));
    }

    [Fact]
    public void An_unstarted_container_keeps_the_whole_pod_pending()
    {
        var observed = Observe(Pod(main: ["a", "b"]), Running(Up("a"))) with
        {
            Troubles = new Dictionary<string, ContainerTrouble> { ["b"] = new("ErrImagePull", "no such image") },
        };
        var status = Status(observed);
        Assert.Equal(("Pending", "ErrImagePull"), (status.Phase, status.ContainerStatuses![1].State!.Waiting!.Reason));
    }

    [Fact]
    public void Init_containers_hold_back_the_condition_and_the_reason()
    {
        var status = Status(Observe(Pod(init: ["setup"]), Running(Up("setup"))));
        Assert.Equal("containers with incomplete status: [setup]", Condition(status, "Initialized").Message);
        Assert.Equal("PodInitializing", status.ContainerStatuses![0].State!.Waiting!.Reason);
    }

    [Fact]
    public void A_readiness_gate_closes_the_pod_until_its_condition_is_true()
    {
        var pod = Pod();
        pod.Spec.ReadinessGates = [new() { ConditionType = "example.com/warm" }];
        Assert.Equal("ReadinessGatesNotReady", Condition(Status(Observe(pod, Running(Up("main")))), "Ready").Reason);
        pod.Status.Conditions = [new() { Type = "example.com/warm", Status = "True" }];
        Assert.Equal("True", Condition(Status(Observe(pod, Running(Up("main")))), "Ready").Status);
    }

    [Fact]
    public void A_transition_time_stays_while_the_status_does()
    {
        var pod = Pod();
        pod.Status.Conditions = [new() { Type = "Ready", Status = "True", LastTransitionTime = A.Noon.AddHours(-1) }];
        Assert.Equal(A.Noon.AddHours(-1), Condition(Status(Observe(pod, Running(Up("main")))), "Ready").LastTransitionTime);
        Assert.Equal(A.Noon, Condition(Status(Observe(pod, PodRuntimeState.None)), "Ready").LastTransitionTime);
    }

    [Fact]
    public void A_verdict_of_the_node_fails_the_pod_when_nothing_of_it_runs_any_more()
    {
        var verdict = new PodVerdict("Preempting", "somebody else's turn") { Disruption = "disrupted" };
        var ending = Status(Observe(Pod(), Running(Up("main"))) with { Verdict = verdict });
        Assert.Equal(("Running", null, null), (ending.Phase, ending.Reason, ending.Message));
        Assert.DoesNotContain(ending.Conditions!, condition => condition.Type == "DisruptionTarget");
        var ended = Status(Observe(Pod(), Running(Ended("main", 0))) with { Verdict = verdict });
        Assert.Equal(("Failed", "Preempting", "somebody else's turn"), (ended.Phase, ended.Reason, ended.Message));
        Assert.Equal(("TerminationByKubelet", "disrupted"), (Condition(ended, "DisruptionTarget").Reason, Condition(ended, "DisruptionTarget").Message));
    }

    [Fact]
    public void What_the_api_always_shows_is_written_even_where_it_is_zero()
    {
        var json = JsonNode.Parse(StatusWriter.Json(Pod("Never"), Status(Observe(Pod("Never"), Running(Ended("main", 0))))))!;
        var container = json["containerStatuses"]![0]!;
        Assert.Equal((false, 0, 0), ((bool)container["ready"]!, (int)container["restartCount"]!, (int)container["state"]!["terminated"]!["exitCode"]!));
    }

    [Theory]
    [InlineData("NotRequired")]
    [InlineData("RestartContainer")]
    public void A_resize_is_in_progress_until_the_container_has_what_it_is_given(string policy)
    {
        var pod = Pod();
        var had = Up("main") with { SpecResources = AppliedResources.Text(new() { Requests = A.Labels("cpu", "10m") }) };
        pod.Spec.Containers![0].Resources = new() { Requests = A.Labels("cpu", "20m") };
        pod.Spec.Containers![0].ResizePolicy = [new() { ResourceName = "cpu", RestartPolicy = policy }];
        Assert.Equal("True", Condition(Status(Observe(pod, Running(had))), "PodResizeInProgress").Status);
        var has = had with { SpecResources = AppliedResources.Text(pod.Spec.Containers[0].Resources) };
        Assert.DoesNotContain(Status(Observe(pod, Running(has))).Conditions!, condition => condition.Type == "PodResizeInProgress");
    }

    [Fact]
    public void A_resize_that_is_over_is_taken_out_of_the_conditions()
    {
        var pod = Pod();
        pod.Status.Conditions = [new() { Type = "PodResizePending", Status = "True" }];
        var conditions = JsonNode.Parse(StatusWriter.Json(pod, Status(Observe(pod, Running(Up("main"))))))!["conditions"]!.AsArray();
        Assert.Equal("""{"type":"PodResizePending","$patch":"delete"}""", conditions[^1]!.ToJsonString());
    }

    private static PodStatus Status(PodObservation observed) => PodStatusBuilder.Build(observed, PodPlan.Compute(observed), "10.0.0.1");

    private static PodCondition Condition(PodStatus status, string type) => status.Conditions!.Single(condition => condition.Type == type);
}
