using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>Lets go of pods whose job is gone: nobody is left to count them, and their finalizer would keep them for ever.</summary>
internal sealed class OrphanedJobPodController : ReconcilingController
{
    private const string Kind = "Job";
    private readonly Informer<Job> jobs;
    private readonly Informer<Pod> pods;

    public OrphanedJobPodController(ControllerContext context) : base("job-orphan-pod-controller", context, workers: 1)
    {
        jobs = context.Informers.Get(Kinds.Jobs);
        pods = context.Informers.Pods();
        jobs.AddHandler(change =>
        {
            if (change.IsDeleted)
            {
                AddPodsOf(change.Object);
            }
        });
        pods.AddHandler(change =>
        {
            if (change.New is { } pod && TrackedPod.IsTracked(pod) && !HasJob(pod))
            {
                Queue.Add(pod.Key);
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (pods.Find(key) is { } pod && TrackedPod.IsTracked(pod) && !HasJob(pod) && !await HasJobAsync(pod, cancellationToken))
        {
            await TrackedPod.ReleaseAsync(Client, pod, cancellationToken);
        }
        return ReconcileResult.Done;
    }

    private void AddPodsOf(Job job)
    {
        foreach (var pod in pods.ControlledBy(job.Metadata.Uid!).Where(TrackedPod.IsTracked))
        {
            Queue.Add(pod.Key);
        }
    }

    // What another kind of owner does with the finalizer is its own affair.
    private bool HasJob(Pod pod) => pod.ControllerOwner() is { } owner
        && (owner.Kind != Kind || jobs.Find(pod.Metadata.Namespace, owner.Name)?.Metadata.Uid == owner.Uid);

    /// <summary>Asked of the server: a job made a moment ago may not be in the cache yet.</summary>
    private async Task<bool> HasJobAsync(Pod pod, CancellationToken cancellationToken)
    {
        if (pod.ControllerOwner() is not { } owner)
        {
            return false;
        }
        var found = await Client.GetAsync(Kinds.Jobs, pod.Metadata.Namespace, owner.Name, cancellationToken);
        return !found.IsNotFound && found.OrThrow().Metadata.Uid == owner.Uid;
    }
}
