using Flotilla.ClusterCore.Client;

namespace Flotilla.ClusterCore.Controllers.GarbageCollection;

/// <summary>Kinds that other controllers follow whole, so that the collector needs no watch of its own for them.</summary>
internal static class SharedKinds
{
    public static readonly IReadOnlyList<Action<GarbageSources>> All =
    [
        sources => sources.Share(Kinds.Pods),
        sources => sources.Share(Kinds.ReplicaSets),
        sources => sources.Share(Kinds.Deployments),
        sources => sources.Share(Kinds.Services),
        sources => sources.Share(Kinds.Endpoints),
        sources => sources.Share(Kinds.EndpointSlices),
        sources => sources.Share(Kinds.Nodes),
        sources => sources.Share(Kinds.Namespaces),
        sources => sources.Share(Kinds.ServiceAccounts),
    ];
}
