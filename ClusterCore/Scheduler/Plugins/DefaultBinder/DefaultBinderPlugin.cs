using Flotilla.ClusterCore.Scheduler.Binding;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.DefaultBinder;

/// <summary>Binds through the API, which takes one binding for each pod and refuses any other.</summary>
internal sealed class DefaultBinderPlugin(IPodWriter writer) : IBindPlugin
{
    public string Name => "DefaultBinder";

    public async Task<Status?> BindAsync(PodInfo pod, string nodeName, CancellationToken cancellationToken) =>
        await writer.BindAsync(pod, nodeName, cancellationToken) is { } refusal ? Status.Error(Name, refusal) : null;
}
