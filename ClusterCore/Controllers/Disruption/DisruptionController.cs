using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Selection;
using Flotilla.ClusterCore.Controllers.Status;

namespace Flotilla.ClusterCore.Controllers.Disruption;

/// <summary>Keeps disruption budgets at what evictions they allow.</summary>
internal sealed class DisruptionController : ReconcilingController
{
    private readonly Informer<PodDisruptionBudget> budgets;
    private readonly Informer<Pod> pods;
    private readonly Informer<ReplicaSet> replicaSets;
    private readonly Informer<Deployment> deployments;
    private readonly Informer<StatefulSet> statefulSets;
    private readonly EventRecorder recorder;

    public DisruptionController(ControllerContext context) : base("controllermanager", context, workers: 1)
    {
        recorder = context.Recorder(Name);
        budgets = Reconciles(context.Informers.Get(Kinds.PodDisruptionBudgets)).IndexByNamespace();
        pods = context.Informers.Pods();
        replicaSets = context.Informers.Get(Kinds.ReplicaSets);
        deployments = context.Informers.Get(Kinds.Deployments);
        statefulSets = context.Informers.Get(Kinds.StatefulSets);
        pods.AddHandler(change =>
        {
            foreach (var budget in budgets.InNamespace(change.Key.Namespace))
            {
                if (Selects(budget, change.Old) || Selects(budget, change.New))
                {
                    Queue.Add(budget.Key);
                }
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (budgets.Find(key) is not { } budget)
        {
            return ReconcileResult.Done;
        }
        var selected = pods.InNamespace(key.Namespace).Where(pod => Selects(budget, pod) && !pod.IsFinished()).ToArray();
        if (selected.Length == 0)
        {
            recorder.Record(budget, EventType.Normal, "NoPods", "No matching pods found");
        }
        var plan = DisruptionPlan.Compute(budget, selected, ScaleOf(selected), Clock.GetUtcNow());
        if (StatusPatch.Between(budget.Status, plan.Status, ObjectJson.Default.PodDisruptionBudgetStatus) is { } patch)
        {
            await Client.PatchStatusAsync(Kinds.PodDisruptionBudgets, key.Namespace, key.Name, patch, cancellationToken);
        }
        return new(plan.RequeueAfter);
    }

    private static bool Selects(PodDisruptionBudget budget, Pod? pod) => pod is not null && budget.Spec.Selector.Matches(pod.Metadata.Labels);

    /// <summary>The replicas of all the pods' controllers; pods of a kind without replicas leave it unknown.</summary>
    private int? ScaleOf(Pod[] selected)
    {
        var total = 0;
        foreach (var owner in selected.Select(pod => (pod.Metadata.Namespace, Owner: pod.ControllerOwner())).DistinctBy(found => found.Owner?.Uid))
        {
            if (owner.Owner is null || ScaleOf(new(owner.Namespace, owner.Owner.Name), owner.Owner.Kind) is not { } scale)
            {
                return null;
            }
            total += scale;
        }
        return total;
    }

    private int? ScaleOf(NamespacedName key, string kind)
    {
        if (kind == "StatefulSet")
        {
            return statefulSets.Find(key)?.Spec.Replicas;
        }
        if (kind != "ReplicaSet" || replicaSets.Find(key) is not { } set)
        {
            return null;
        }
        return set.ControllerOwner() is { Kind: "Deployment" } deployment
            ? deployments.Find(key.Namespace, deployment.Name)?.Spec.Replicas
            : set.Spec.Replicas;
    }
}
