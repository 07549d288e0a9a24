using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Pods;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Admission;

/// <summary>Asks whether a new pod may come, and makes room for it where nothing else is in its way and it is critical.</summary>
/// <param name="refuse">What is against a pod whatever there is on the node.</param>
/// <param name="node">Whose the pod is.</param>
internal sealed partial class PodAdmission(Func<Pod, PodRefusal?> refuse, Func<Pod, OwnNode> node, PodServices services)
{
    private const string Preempting = nameof(Preempting);
    private const string Preempted = "Preempted in order to admit critical pod";
    private static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(10);

    /// <param name="others">Those that have a place on the node.</param>
    /// <returns>Null where the pod is welcome.</returns>
    public async Task<PodRefusal?> AskAsync(Pod pod, IReadOnlyList<PodWorker> others, CancellationToken cancellationToken)
    {
        if (refuse(pod) is { } refusal)
        {
            return refusal;
        }

        var refusals = await CheckAsync(pod, [.. others.Select(other => other.Pod)], cancellationToken);
        if (refusals is not [var first, ..])
        {
            return null;
        }

        if (!PodImportance.IsCritical(pod))
        {
            return first;
        }

        return refusals.FirstOrDefault(each => each is not InsufficientResource)
            ?? await MakeRoomAsync(pod, others, [.. refusals.Cast<InsufficientResource>().Select(each => new Shortage(each.Resource, each.Missing))], cancellationToken);
    }

    private async Task<IReadOnlyList<PodRefusal>> CheckAsync(Pod pod, IReadOnlyCollection<Pod> others, CancellationToken cancellationToken)
    {
        var (own, resources) = (node(pod), services.Node(pod).Resources);
        var refusals = AdmissionCheck.Compute(pod, others, resources, await own.SeenAsync(cancellationToken));
        return refusals is [{ Reason: AdmissionCheck.NodeAffinity }] && await own.AskAsync(cancellationToken) is { } now
            ? AdmissionCheck.Compute(pod, others, resources, now)
            : refusals;
    }

    private async Task<PodRefusal?> MakeRoomAsync(Pod pod, IReadOnlyList<PodWorker> others, IReadOnlyList<Shortage> missing, CancellationToken cancellationToken)
    {
        var plan = PreemptionPlan.Compute(pod, others.Select(other => other.Pod), missing);
        if (plan.Unmet.Count > 0)
        {
            return new(
                "UnexpectedAdmissionError",
                "Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: "
                + $"no set of running pods found to reclaim resources: [{string.Concat(plan.Unmet)}]");
        }

        var leaving = plan.Victims.Select(victim => others.First(other => other.Pod.Metadata.Uid == victim.Metadata.Uid)).ToList();
        await Task.WhenAll(leaving.Select(worker => PreemptAsync(worker, pod, missing[0].Resource, cancellationToken)));
        return null;
    }

    private async Task PreemptAsync(PodWorker worker, Pod critical, string resource, CancellationToken cancellationToken)
    {
        var pod = worker.Pod;
        if (worker.Fail(new(Preempting, Preempted) { Disruption = "Pod was preempted by Kubelet to accommodate a critical pod." }))
        {
            services.Metrics.Count("kubelet_preemptions", ("preemption_signal", resource));
            services.Events.Warning(pod, null, Preempting, Preempted);
            LogPreempted(services.Logger, PodNames.Full(pod), PodNames.Full(critical), resource);
        }

        var patience = PodGrace.Of(pod) * 1.5;
        try
        {
            await worker.WhenEndedAsync().WaitAsync(patience > LeastPatience ? patience : LeastPatience, services.Clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Its own worker goes on ending it; the critical pod does not wait for that.
            LogLingers(services.Logger, PodNames.Full(pod));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pod {Pod} makes way for {Critical}: the node is short of {Resource}")]
    private static partial void LogPreempted(ILogger logger, string pod, string critical, string resource);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pod {Pod} was to make way and has not ended in its time")]
    private static partial void LogLingers(ILogger logger, string pod);
}
