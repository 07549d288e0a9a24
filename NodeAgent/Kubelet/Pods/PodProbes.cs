using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Probes;
using Flotilla.NodeAgent.Kubelet.Statuses;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>The probes of one pod's running containers, started and stopped with them.</summary>
internal sealed class PodProbes(PodServices services, Action changed)
{
    private readonly Dictionary<string, ContainerProbes> running = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, ProbeVerdict> Verdicts() => running.ToDictionary(pair => pair.Key, pair => pair.Value.Verdict);

    public void Follow(PodObservation observed)
    {
        var wanted = observed.Runtime.Containers.Where(record => record.Running).ToDictionary(record => record.Id);
        foreach (var gone in running.Keys.Where(id => !wanted.ContainsKey(id)).ToList())
        {
            running.Remove(gone, out var probes);
            _ = probes!.DisposeAsync().AsTask();
        }

        foreach (var record in wanted.Values.Where(record => !running.ContainsKey(record.Id)))
        {
            if (!observed.Terminating && observed.Pod.Spec.Find(record.Name) is { } container && ContainerProbes.Needed(container.Spec))
            {
                running[record.Id] = Start(observed, container, record);
            }
        }
    }

    public void StopKilling()
    {
        foreach (var probes in running.Values)
        {
            probes.StopKilling();
        }
    }

    public async Task StopAsync()
    {
        foreach (var probes in running.Values)
        {
            await probes.DisposeAsync();
        }

        running.Clear();
    }

    private ContainerProbes Start(PodObservation observed, PodContainer container, ContainerRecord record) => new(
        observed.Pod,
        container,
        ContainerStatuses.Before(observed.Pod, container) is { } before && before.ContainerID == ContainerStatuses.ContainerId(record) ? before : null,
        new ProbeTarget(record.Id, container.Spec, HostOf(observed)),
        services.Prober,
        services.Events,
        services.Metrics,
        services.Clock,
        changed,
        CancellationToken.None);

    private string HostOf(PodObservation observed) =>
        observed.Runtime.Sandbox is { Ips: [var ip, ..] } ? ip : services.Node(observed.Pod).Ip;
}
