using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Runtime;
using Flotilla.NodeAgent.Runtime.Cri;
using Flotilla.NodeAgent.Runtime.Simulated;

namespace Flotilla.NodeAgent.Kubelet.Simulation;

/// <summary>Nothing is written anywhere: a simulated pod has no volumes and no cgroup.</summary>
internal sealed class SimulatedPodFiles : IPodFiles
{
    private const string DefaultRunSeconds = "1";

    public PodSandboxConfig Sandbox(Pod pod, uint attempt) => new()
    {
        Metadata = new() { Name = pod.Metadata.Name, Namespace = pod.Metadata.Namespace, Uid = pod.Metadata.Uid, Attempt = attempt },
    };

    public Task SetUpVolumesAsync(Pod pod, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<ContainerConfig> ContainerAsync(
        Pod pod, PodContainer container, ContainerPlacement placement, CancellationToken cancellationToken)
    {
        var config = new ContainerConfig
        {
            Metadata = new() { Name = container.Name, Attempt = placement.Attempt },
            Image = new() { Image = container.Spec.Image ?? "" },
            Labels = { [CriLabels.PodUid] = pod.Metadata.Uid },
            Annotations = { [ContainerConfigBuilder.ImageAnnotation] = container.Spec.Image ?? "" },
        };
        var annotations = pod.Metadata.Annotations ?? new Dictionary<string, string>();
        if (annotations.TryGetValue(SimulationAnnotations.RunSeconds, out var seconds))
        {
            config.Annotations[SimulationAnnotations.RunSeconds] = seconds;
        }
        else if (container.Kind == ContainerKind.Init || (pod.Spec.RestartPolicy is "Never" or "OnFailure" && container.Kind == ContainerKind.Main))
        {
            // What is meant to end does so.
            config.Annotations[SimulationAnnotations.RunSeconds] = DefaultRunSeconds;
        }

        if (annotations.TryGetValue(SimulationAnnotations.ExitCode, out var code))
        {
            config.Annotations[SimulationAnnotations.ExitCode] = code;
        }

        return Task.FromResult(config);
    }

    public LinuxContainerResources Resize(Pod pod, PodContainer container) => new();

    public bool TearDown(Pod pod) => true;

    public void RemoveLogs(Pod pod)
    {
        // There are none.
    }

    public void LinkLog(Pod pod, PodContainer container, uint attempt, string id)
    {
        // There are none.
    }

    public void RemoveLog(Pod pod, ContainerRecord record)
    {
        // There are none.
    }
}

/// <summary>Simulated containers are always well.</summary>
internal sealed class SimulatedProber : Probes.IProber
{
    public Task<Probes.ProbeResult> ProbeAsync(Probe probe, Probes.ProbeTarget target, CancellationToken cancellationToken) =>
        Task.FromResult(Probes.ProbeResult.Passed);
}

/// <summary>Simulated pods read nothing of the cluster.</summary>
internal sealed class NoClusterObjects : IClusterObjects
{
    public Task<ConfigMap?> ConfigMapAsync(string ns, string name, CancellationToken cancellationToken) => Task.FromResult<ConfigMap?>(null);

    public Task<Secret?> SecretAsync(string ns, string name, CancellationToken cancellationToken) => Task.FromResult<Secret?>(null);

    public Task<IReadOnlyList<Service>> ServicesAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Service>>([]);

    public Task<TokenRequestStatus> TokenAsync(Pod pod, string? audience, long expirationSeconds, CancellationToken cancellationToken) =>
        Task.FromResult(new TokenRequestStatus());

    public Task<PersistentVolume?> ClaimedVolumeAsync(string ns, string claimName, CancellationToken cancellationToken) =>
        Task.FromResult<PersistentVolume?>(null);
}
