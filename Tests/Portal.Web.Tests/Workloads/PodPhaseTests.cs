using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Portal.Web.Workloads;

namespace Flotilla.Portal.Web.Tests.Workloads;

public sealed class PodPhaseTests
{
    public static TheoryData<string, Pod> Cases { get; } = new()
    {
        { "Pending", new Pod() },
        { "Running", With("Running", Running(ready: true)) },
        { "CrashLoopBackOff", With("Running", Waiting("CrashLoopBackOff"), Running(ready: true)) },
        { "ImagePullBackOff", With("Pending", Waiting("ImagePullBackOff")) },
        { "Completed", With("Succeeded", Terminated(0, "Completed")) },
        { "Running", With("Running", Terminated(0, "Completed"), Running(ready: true)) },
        { "OOMKilled", With("Failed", Terminated(137, "OOMKilled")) },
        { "ExitCode:3", With("Failed", Terminated(3, null)) },
        { "Terminating", With("Running", Running(ready: true)) with { Metadata = new() { DeletionTimestamp = DateTimeOffset.UnixEpoch } } },
        { "Evicted", new Pod { Status = new() { Phase = "Failed", Reason = "Evicted" } } },
        { "Init:0/2", Init(Running(ready: false)) },
        { "Init:CrashLoopBackOff", Init(Waiting("CrashLoopBackOff")) },
        { "Init:Error", Init(Terminated(1, "Error")) },
    };

    [Theory, MemberData(nameof(Cases))]
    public void A_pods_status_is_kubectls_word(string word, Pod pod) => Assert.Equal(word, PodPhase.Of(pod));

    private static Pod With(string phase, params ContainerState[] states) => new()
    {
        Status = new() { Phase = phase, ContainerStatuses = [.. states.Select(Status)] },
    };

    private static Pod Init(ContainerState state) => new()
    {
        Spec = new() { InitContainers = [new(), new()] },
        Status = new() { Phase = "Pending", InitContainerStatuses = [Status(state)], ContainerStatuses = [Status(Waiting("PodInitializing"))] },
    };

    private static ContainerStatus Status(ContainerState state) => new() { State = state, Ready = state.Running?.StartedAt is not null };

    private static ContainerState Running(bool ready) => new() { Running = new() { StartedAt = ready ? DateTimeOffset.UnixEpoch : null } };

    private static ContainerState Waiting(string reason) => new() { Waiting = new() { Reason = reason } };

    private static ContainerState Terminated(int exitCode, string? reason) => new() { Terminated = new() { ExitCode = exitCode, Reason = reason } };
}
