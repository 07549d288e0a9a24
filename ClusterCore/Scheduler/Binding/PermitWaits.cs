using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Binding;

/// <summary>The answers of Permit plugins that a binding waits for: all have to allow it, and the first to refuse ends it.</summary>
internal sealed class PermitWaits(TimeProvider clock)
{
    private readonly List<Task<Status?>> answers = [];

    public bool Any => answers.Count > 0;

    /// <returns>Null when no plugin refused; some may have asked to wait.</returns>
    public Status? Ask(IPermitPlugin[] plugins, CycleState cycle, PodInfo pod, string nodeName, CancellationToken cancellationToken)
    {
        foreach (var plugin in plugins)
        {
            var (refusal, answer, limit) = plugin.Permit(cycle, pod, nodeName);
            if (refusal is not null) { return refusal.At("Permit"); }
            // Timed from now on, however long others take.
            if (answer is not null) { answers.Add(WithinAsync(plugin.Name, answer, limit < PermitOutcome.MaxLimit ? limit : PermitOutcome.MaxLimit, cancellationToken)); }
        }
        return null;
    }

    /// <returns>Null when all allow the binding.</returns>
    public async Task<Status?> AllowedAsync(CancellationToken cancellationToken)
    {
        while (answers.Count > 0)
        {
            var first = await Task.WhenAny(answers).WaitAsync(cancellationToken);
            if (await first is { } refusal) { return refusal; }
            answers.Remove(first);
        }
        return null;
    }

    private async Task<Status?> WithinAsync(string plugin, Task<Status?> answer, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.WaitAsync(limit, clock, cancellationToken) is { Rejects: false } error
                ? Status.Error(plugin, $"waiting on permit for pod: {error.Message}")
                : await answer;
        }
        catch (TimeoutException)
        {
            return Status.Unschedulable(plugin, $"rejected due to timeout after waiting {GoDuration.Format(limit.Ticks * TimeSpan.NanosecondsPerTick)} at plugin {plugin}");
        }
    }
}
