using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>Deletes finished jobs whose time to live has run out.</summary>
internal sealed class FinishedJobController : ReconcilingController
{
    private readonly Informer<Job> jobs;

    public FinishedJobController(ControllerContext context) : base("ttl-after-finished-controller", context, workers: 1)
    {
        jobs = context.Informers.Get(Kinds.Jobs);
        jobs.AddHandler(change =>
        {
            if (change.New is { Spec.TtlSecondsAfterFinished: not null } job && JobPlan.IsFinished(job))
            {
                Queue.Add(change.Key);
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (jobs.Find(key) is not { } job)
        {
            return ReconcileResult.Done;
        }
        var plan = FinishedJobPlan.Compute(job, Clock.GetUtcNow());
        if (!plan.Delete)
        {
            return new(plan.RequeueAfter);
        }
        // The resource version: the time to live may have been raised a moment ago.
        var options = new DeleteOptions
        {
            PropagationPolicy = "Foreground",
            PreconditionUid = job.Metadata.Uid,
            PreconditionResourceVersion = job.Metadata.ResourceVersion,
        };
        await Client.DeleteAsync(Kinds.Jobs, key.Namespace, key.Name, cancellationToken, options);
        return ReconcileResult.Done;
    }
}
