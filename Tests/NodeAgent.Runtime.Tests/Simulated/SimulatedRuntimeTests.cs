using Flotilla.NodeAgent.Runtime.Cri;
using Flotilla.NodeAgent.Runtime.Simulated;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Runtime.Tests.Simulated;

public sealed class SimulatedRuntimeTests
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly ManualClock clock = new();
    private readonly SimulatedRuntime runtime;

    public SimulatedRuntimeTests() => runtime = new(new(new SimulationRule { StartDelay = 1, StartJitter = 0 }), clock);

    [Fact]
    public async Task A_sandbox_is_ready_after_the_start_delay()
    {
        var starting = runtime.RunPodSandboxAsync(Sandbox("uid-1"), "", Never);
        Assert.False(starting.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        var status = await runtime.PodSandboxStatusAsync(await starting, Never);
        Assert.Equal(SandboxState.SandboxReady, status?.State);
        Assert.StartsWith("10.", status?.Network.Ip, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_ends_when_its_annotation_says()
    {
        var id = await ContainerAsync("uid-1", runSeconds: "5", exitCode: "3");
        await runtime.StartContainerAsync(id, Never);
        Assert.Equal(ContainerState.ContainerRunning, (await runtime.ContainerStatusAsync(id, Never))?.State);
        clock.Advance(TimeSpan.FromSeconds(5));
        var ended = await runtime.ContainerStatusAsync(id, Never);
        Assert.Equal((ContainerState.ContainerExited, 3, "Error"), (ended!.State, ended.ExitCode, ended.Reason));
    }

    [Fact]
    public async Task Without_an_end_a_container_runs_until_it_is_stopped()
    {
        var id = await ContainerAsync("uid-1");
        await runtime.StartContainerAsync(id, Never);
        clock.Advance(TimeSpan.FromDays(100));
        Assert.Equal(ContainerState.ContainerRunning, (await runtime.ContainerStatusAsync(id, Never))?.State);
        await runtime.StopContainerAsync(id, TimeSpan.FromSeconds(30), signal: null, Never);
        Assert.Equal(ContainerState.ContainerExited, (await runtime.ContainerStatusAsync(id, Never))?.State);
    }

    [Fact]
    public async Task Lists_of_one_pod_hold_no_others()
    {
        var own = await ContainerAsync("uid-1");
        await ContainerAsync("uid-2");
        Assert.Equal([own], (await runtime.ListContainersAsync("uid-1", Never)).Select(container => container.Id));
        Assert.Equal(2, (await runtime.ListContainersAsync(null, Never)).Count);
    }

    [Fact]
    public async Task A_removed_sandbox_takes_its_containers_along()
    {
        var id = await ContainerAsync("uid-1");
        var sandbox = (await runtime.ListPodSandboxesAsync("uid-1", Never))[0].Id;
        await runtime.RemovePodSandboxAsync(sandbox, Never);
        Assert.Null(await runtime.ContainerStatusAsync(id, Never));
        Assert.Empty(await runtime.ListPodSandboxesAsync(null, Never));
    }

    private async Task<string> ContainerAsync(string uid, string? runSeconds = null, string? exitCode = null)
    {
        var starting = runtime.RunPodSandboxAsync(Sandbox(uid), "", Never);
        clock.Advance(TimeSpan.FromSeconds(1));
        var config = new ContainerConfig { Metadata = new() { Name = "main" }, Image = new() { Image = "app" } };
        if (runSeconds is not null)
        {
            config.Annotations[SimulationAnnotations.RunSeconds] = runSeconds;
            config.Annotations[SimulationAnnotations.ExitCode] = exitCode ?? "0";
        }

        return await runtime.CreateContainerAsync(await starting, config, Sandbox(uid), Never);
    }

    private static PodSandboxConfig Sandbox(string uid) => new() { Metadata = new() { Name = "web", Namespace = "default", Uid = uid } };
}
