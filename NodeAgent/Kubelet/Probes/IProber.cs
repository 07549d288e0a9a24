using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Probes;

/// <summary>Asks a container once how it is. A failing probe is a result; only a broken runtime throws.</summary>
internal interface IProber
{
    Task<ProbeResult> ProbeAsync(Probe probe, ProbeTarget target, CancellationToken cancellationToken);
}

/// <param name="Host">The pod's address: where HTTP, TCP and gRPC probes go.</param>
internal sealed record ProbeTarget(string ContainerId, Container Container, string Host);
