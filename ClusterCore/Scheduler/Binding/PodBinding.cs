using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Binding;

/// <summary>The binding cycle of one pod: what Permit waits for, PreBind, Bind. Runs beside the loop.</summary>
internal sealed class PodBinding(PodInfo pod, string nodeName, Profile profile, CycleState cycle, PermitWaits permits, IPodWriter writer)
{
    /// <summary>Whether something comes before the binding that may take minutes: then others are told beforehand where the pod will be.</summary>
    public bool Waits { get; } = permits.Any || Array.Exists(profile.PreBinds, plugin => plugin.WillPreBind(cycle));

    /// <param name="withdrawn">Nobody needs the binding any more; it ends what waits, and no write.</param>
    /// <returns>Null when the pod is bound.</returns>
    public async Task<Status?> RunAsync(CancellationToken withdrawn, CancellationToken cancellationToken)
    {
        try
        {
            if (Waits) { await writer.NominateAsync(pod, nodeName, cancellationToken); }
            return await permits.AllowedAsync(withdrawn) ?? await PreBindAsync(withdrawn) ?? await BindAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return Status.Error("Bind", exception.Message);
        }
    }

    private async Task<Status?> PreBindAsync(CancellationToken cancellationToken)
    {
        foreach (var plugin in profile.PreBinds)
        {
            if (await plugin.PreBindAsync(cycle, pod, nodeName, cancellationToken) is { } failure) { return failure.At("PreBind"); }
        }
        return null;
    }

    private async Task<Status?> BindAsync(CancellationToken cancellationToken)
    {
        if (await profile.Binds[0].BindAsync(pod, nodeName, cancellationToken) is { } failure) { return failure.At("Bind"); }
        writer.RecordScheduled(pod, nodeName);
        return null;
    }
}
