using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Plans;

public sealed class PodPlanTests
{
    private static readonly DateTimeOffset Now = A.Noon;

    [Fact]
    public void A_new_pod_gets_a_sandbox_first()
    {
        var plan = PodPlan.Compute(Observe(Pod(), PodRuntimeState.None));
        Assert.True(plan is { CreateSandbox: true, SandboxAttempt: 0, Start.Count: 0 });
    }

    [Fact]
    public void In_a_ready_sandbox_all_ordinary_containers_start()
    {
        var plan = PodPlan.Compute(Observe(Pod(main: ["a", "b"]), Running()));
        Assert.Equal(["a", "b"], Started(plan));
    }

    [Fact]
    public void Init_containers_start_one_after_the_other()
    {
        var pod = Pod(init: ["first", "second"]);
        Assert.Equal(["first"], Started(PodPlan.Compute(Observe(pod, Running()))));
        Assert.Empty(Started(PodPlan.Compute(Observe(pod, Running(Up("first"))))));
        Assert.Equal(["second"], Started(PodPlan.Compute(Observe(pod, Running(Ended("first", 0))))));
        Assert.Equal(["main"], Started(PodPlan.Compute(Observe(pod, Running(Ended("first", 0), Ended("second", 0))))));
    }

    [Fact]
    public void A_sidecar_lets_the_next_go_on_once_it_has_started()
    {
        var pod = Pod(sidecars: ["proxy"]);
        Assert.Equal(["proxy"], Started(PodPlan.Compute(Observe(pod, Running()))));
        Assert.Equal(["main"], Started(PodPlan.Compute(Observe(pod, Running(Up("proxy"))))));
        var starting = Observe(pod, Running(Up("proxy"))) with
        {
            Probes = new Dictionary<string, ProbeVerdict> { ["proxy-0"] = new(Ready: false, Live: true, Started: false) },
        };
        Assert.Empty(Started(PodPlan.Compute(starting)));
    }

    [Fact]
    public void A_sidecar_that_ended_comes_back_beside_running_containers()
    {
        var plan = PodPlan.Compute(Observe(Pod(sidecars: ["proxy"]), Running(Up("main"), Ended("proxy", 0))));
        Assert.Equal(["proxy"], Started(plan));
    }

    [Theory]
    [InlineData("Always", 0, true)]
    [InlineData("Always", 1, true)]
    [InlineData("OnFailure", 0, false)]
    [InlineData("OnFailure", 1, true)]
    [InlineData("Never", 0, false)]
    [InlineData("Never", 1, false)]
    public void The_restart_policy_decides_over_an_ended_container(string policy, int exitCode, bool restarts)
    {
        var plan = PodPlan.Compute(Observe(Pod(policy: policy), Running(Ended("main", exitCode))));
        Assert.Equal((restarts, !restarts), (Started(plan).Count == 1, plan.Finished));
    }

    [Fact]
    public void A_crashed_container_waits_out_its_back_off()
    {
        var observed = Observe(Pod(), Running(Ended("main", 1, Now.AddSeconds(-4)))) with
        {
            BackOffs = new Dictionary<string, BackOffEntry> { ["main"] = new(TimeSpan.FromSeconds(10), Now.AddSeconds(-5)) },
        };
        var plan = PodPlan.Compute(observed);
        Assert.Empty(Started(plan));
        Assert.Equal(Now.AddSeconds(6), plan.LookAgain);
        Assert.Equal(["main"], Started(PodPlan.Compute(observed with { Now = Now.AddSeconds(6) })));
    }

    [Fact]
    public void A_container_that_fails_its_liveness_probe_is_killed()
    {
        var observed = Observe(Pod(), Running(Up("main"))) with
        {
            Probes = new Dictionary<string, ProbeVerdict> { ["main-0"] = new(Ready: true, Live: false, Started: true, "liveness") },
        };
        Assert.Equal(["Container main failed liveness probe, will be restarted"], PodPlan.Compute(observed).Kill.Select(kill => kill.Message));
    }

    [Theory]
    [InlineData("liveness", 3)]
    [InlineData("startup", 7)]
    public void The_probe_that_failed_says_how_long_the_container_has_to_end(string probe, long seconds)
    {
        var pod = Pod();
        pod.Spec.Containers![0].LivenessProbe = new() { TerminationGracePeriodSeconds = 3 };
        pod.Spec.Containers[0].StartupProbe = new() { TerminationGracePeriodSeconds = 7 };
        var observed = Observe(pod, Running(Up("main"))) with
        {
            Probes = new Dictionary<string, ProbeVerdict> { ["main-0"] = new(Ready: false, Live: false, Started: probe == "liveness", probe) },
        };
        Assert.Equal([TimeSpan.FromSeconds(seconds)], PodPlan.Compute(observed).Kill.Select(kill => kill.Grace!.Value));
    }

    [Fact]
    public void A_changed_image_asks_for_a_new_container()
    {
        var plan = PodPlan.Compute(Observe(Pod(), Running(Up("main") with { SpecImage = "nginx:1.26" })));
        Assert.Equal(["Container main definition changed, will be restarted"], plan.Kill.Select(kill => kill.Message));
    }

    [Fact]
    public void A_dead_sandbox_is_replaced_and_what_ran_in_it_ended()
    {
        var plan = PodPlan.Compute(Observe(Pod(), new([Box(ready: false, attempt: 2)], [Up("main")])));
        Assert.True(plan is { CreateSandbox: true, SandboxAttempt: 3 });
        Assert.Equal(["main"], plan.Kill.Select(kill => kill.Record.Name));
    }

    [Fact]
    public void A_finished_pod_gets_no_new_sandbox()
    {
        var plan = PodPlan.Compute(Observe(Pod(policy: "Never"), new([Box(ready: false)], [Ended("main", 1)])));
        Assert.True(plan is { CreateSandbox: false, Finished: true });
    }

    [Fact]
    public void A_deleted_pod_is_ended_whole()
    {
        var pod = Pod(sidecars: ["proxy"]);
        pod = pod with { Metadata = pod.Metadata with { DeletionTimestamp = Now } };
        var plan = PodPlan.Compute(Observe(pod, Running(Up("main"), Up("proxy"))));
        Assert.Equal(["main", "proxy"], plan.Kill.Select(kill => kill.Record.Name));
        Assert.Single(plan.StopSandboxes);
        Assert.Empty(plan.Start);
    }

    [Fact]
    public void A_failed_init_container_finishes_a_pod_that_never_restarts() =>
        Assert.True(PodPlan.Compute(Observe(Pod(policy: "Never", init: ["setup"]), Running(Ended("setup", 1)))).Finished);

    [Fact]
    public void An_ephemeral_container_starts_once()
    {
        var pod = Pod();
        pod = pod with { Spec = pod.Spec with { EphemeralContainers = [new() { Name = "debug", Image = "busybox" }] } };
        Assert.Equal(["debug"], Started(PodPlan.Compute(Observe(pod, Running(Up("main"))))));
        Assert.Empty(Started(PodPlan.Compute(Observe(pod, Running(Up("main"), Ended("debug", 1))))));
    }

    internal static Pod Pod(string policy = "Always", string[]? main = null, string[]? init = null, string[]? sidecars = null)
    {
        var pod = A.Pod(node: "node-0");
        return pod with
        {
            Spec = pod.Spec with
            {
                RestartPolicy = policy,
                Containers = [.. (main ?? ["main"]).Select(name => A.Container(name))],
                InitContainers =
                [
                    .. (init ?? []).Select(name => A.Container(name)),
                    .. (sidecars ?? []).Select(name => A.Container(name) with { RestartPolicy = "Always" }),
                ],
            },
        };
    }

    internal static PodObservation Observe(Pod pod, PodRuntimeState runtime) => new() { Pod = pod, Runtime = runtime, Now = Now };

    internal static PodRuntimeState Running(params ContainerRecord[] containers) => new([Box()], containers);

    internal static SandboxRecord Box(bool ready = true, uint attempt = 0) => new("box", attempt, ready, Now, ["10.244.0.7"]);

    internal static ContainerRecord Up(string name, uint attempt = 0) => new()
    {
        Id = $"{name}-{attempt}",
        Name = name,
        SandboxId = "box",
        Attempt = attempt,
        State = RunState.Running,
        StartedAt = Now,
    };

    internal static ContainerRecord Ended(string name, int exitCode, DateTimeOffset? at = null) =>
        Up(name) with { State = RunState.Exited, ExitCode = exitCode, FinishedAt = at ?? Now };

    private static List<string> Started(PodPlan plan) => [.. plan.Start.Select(container => container.Name)];
}
