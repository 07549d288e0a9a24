using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Pods;

namespace Flotilla.NodeAgent.Kubelet.Admission;

/// <summary>
/// Lets pods onto one node, one after the other in the order in which they came: whoever is asked finds those before it inside or turned
/// away, never in between.
/// </summary>
internal sealed class NodeDoor(PodServices services)
{
    private readonly Lock gate = new();
    private readonly HashSet<PodWorker> inside = [];
    private Task last = Task.CompletedTask;

    /// <returns>Completes when the worker may begin, be it only to say that its pod was turned away.</returns>
    public Task EnterAsync(PodWorker worker, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return last = NextAsync(last, worker, cancellationToken);
        }
    }

    public void Leave(PodWorker worker)
    {
        lock (gate)
        {
            inside.Remove(worker);
        }
    }

    private async Task NextAsync(Task before, PodWorker worker, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        var refusal = await RefusalAsync(worker.Pod, cancellationToken);
        if (refusal is null)
        {
            lock (gate)
            {
                inside.Add(worker);
            }

            return;
        }

        services.Events.Warning(worker.Pod, null, refusal.Reason, refusal.Message);
        worker.Fail(new(refusal.Reason, refusal.StatusMessage));
    }

    /// <summary>A pod that has begun was admitted before, by this agent or the last one: only new ones are asked.</summary>
    private async Task<PodRefusal?> RefusalAsync(Pod pod, CancellationToken cancellationToken)
    {
        if (pod.Status.StartTime is not null || pod.Metadata.DeletionTimestamp is not null || services.Admission is null)
        {
            return null;
        }

        try
        {
            return await services.Admission(pod, Inside(), cancellationToken);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return new("UnexpectedAdmissionError", exception.Message);
        }
    }

    private List<PodWorker> Inside()
    {
        lock (gate)
        {
            return [.. inside.Where(worker => worker.HoldsPlace)];
        }
    }
}
