using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>Ends a pod: hooks, signals, sandbox, files, then the API object and the runtime's records.</summary>
internal sealed class PodEnder(PodServices services, IPodFiles files)
{
    private readonly ContainerEnd end = new(services);
    private DateTimeOffset? since;
    private bool tornDown;

    /// <returns>Whether there was anything to stop.</returns>
    public async Task<bool> KillAsync(PodObservation observed, PodPlan plan, PodProbes probes, CancellationToken cancellationToken)
    {
        probes.StopKilling();
        since ??= services.Clock.GetUtcNow();
        var grace = observed.Verdict?.Grace ?? PodGrace.Of(observed.Pod);
        // All are told at once; sidecars are stopped after those that they serve, the last one first.
        var told = plan.Kill.Select(kill => (Kill: kill, Hook: end.TellAsync(observed, kill.Container, kill.Record.Id, kill.Message, grace, cancellationToken))).ToList();
        var order = observed.Pod.Spec.Init().Select(container => container.Name).ToList();
        var sidecars = told.Where(each => each.Kill.Container?.Kind == ContainerKind.Sidecar).OrderByDescending(each => order.IndexOf(each.Kill.Record.Name)).ToList();
        await Task.WhenAll(told.Except(sidecars).Select(each => StopAsync(each.Kill, each.Hook, grace, cancellationToken)));
        foreach (var (kill, hook) in sidecars)
        {
            await StopAsync(kill, hook, grace, cancellationToken);
        }

        foreach (var sandbox in plan.StopSandboxes)
        {
            await services.Runtime.StopPodSandboxAsync(sandbox.Id, cancellationToken);
        }

        return plan.Kill.Count > 0 || plan.StopSandboxes.Count > 0;
    }

    /// <returns>False while processes are left in the pod's cgroup: many take a moment to leave it.</returns>
    public bool TearDown(Pod pod) => tornDown = tornDown || files.TearDown(pod);

    /// <summary>Tells the API the last of it, and deletes the object for good.</summary>
    public async Task FinishAsync(Pod pod, CancellationToken cancellationToken)
    {
        TearDown(pod);
        await services.Statuses.FlushAsync(pod.Metadata.Uid!, cancellationToken);
        if (pod.Metadata.Finalizers is { Length: > 0 } && pod.Metadata.DeletionGracePeriodSeconds == 0)
        {
            return;
        }

        var deleted = await services.Client.DeleteAsync(
            Kinds.Pods,
            pod.Metadata.Namespace,
            pod.Metadata.Name,
            cancellationToken,
            new DeleteOptions { GracePeriodSeconds = 0, PreconditionUid = pod.Metadata.Uid });
        if (deleted.Failure is { } failure && !deleted.IsNotFound && !deleted.IsConflict)
        {
            throw new ApiException(failure);
        }
    }

    public async Task RemoveAsync(PodObservation observed, CancellationToken cancellationToken)
    {
        foreach (var container in observed.Runtime.Containers)
        {
            await services.Runtime.RemoveContainerAsync(container.Id, cancellationToken);
            files.RemoveLog(observed.Pod, container);
        }

        foreach (var sandbox in observed.Runtime.Sandboxes)
        {
            await services.Runtime.RemovePodSandboxAsync(sandbox.Id, cancellationToken);
        }

        files.TearDown(observed.Pod);
        files.RemoveLogs(observed.Pod);
        services.Images.Forget(observed.Pod.Metadata.Uid!);
        services.Statuses.Forget(observed.Pod.Metadata.Uid!);
    }

    private async Task StopAsync(ContainerKill kill, Task hook, TimeSpan grace, CancellationToken cancellationToken)
    {
        await hook;
        await end.StopAsync(kill.Container, kill.Record.Id, grace, since!.Value, cancellationToken);
    }
}
