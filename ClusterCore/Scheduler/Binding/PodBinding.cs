using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Binding;

/// <summary>The binding cycle of one pod: Permit, PreBind, Bind. Runs beside the loop.</summary>
internal sealed class PodBinding(PodInfo pod, string nodeName, Profile profile, CycleState cycle, IPodWriter writer)
{
    /// <summary>Whether something comes before the binding that may take minutes.</summary>
    public bool Waits => profile.Permits.Length > 0 || Array.Exists(profile.PreBinds, plugin => plugin.WillPreBind(cycle));

    /// <returns>Null when the pod is bound.</returns>
    public async Task<Status?> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await PrepareAsync(cancellationToken) ?? await BindAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return Status.Error("Bind", exception.Message);
        }
    }

    private async Task<Status?> PrepareAsync(CancellationToken cancellationToken)
    {
        if (Array.Exists(profile.PreBinds, plugin => plugin.WillPreBind(cycle))) { await writer.NominateAsync(pod, nodeName, cancellationToken); }
        foreach (var plugin in profile.Permits)
        {
            if (plugin.Permit(cycle, pod, nodeName, cancellationToken) is { } wait && await wait is { } refusal) { return refusal; }
        }
        foreach (var plugin in profile.PreBinds)
        {
            if (await plugin.PreBindAsync(cycle, pod, nodeName, cancellationToken) is { } failure) { return Told("PreBind", failure); }
        }
        return null;
    }

    private async Task<Status?> BindAsync(CancellationToken cancellationToken)
    {
        if (await profile.Binds[0].BindAsync(pod, nodeName, cancellationToken) is { } failure) { return Told("Bind", failure); }
        writer.RecordScheduled(pod, nodeName);
        return null;
    }

    private static Status Told(string point, Status failure) =>
        failure.Rejects ? failure : Status.Error(failure.Plugin, $"running {point} plugin \"{failure.Plugin}\": {failure.Message}");
}
