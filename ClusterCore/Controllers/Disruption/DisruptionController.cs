using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Selection;

namespace Flotilla.ClusterCore.Controllers.Disruption;

/// <summary>Keeps disruption budgets at what evictions they allow.</summary>
internal sealed class DisruptionController : ReconcilingController
{
    private readonly Informer<PodDisruptionBudget> budgets;
    private readonly Informer<Pod> pods;
    private readonly ControllerScales scales;
    private readonly EventRecorder recorder;

    public DisruptionController(ControllerContext context) : base("controllermanager", context, workers: 1)
    {
        recorder = context.Recorder(Name);
        budgets = Reconciles(context.Informers.Get(Kinds.PodDisruptionBudgets)).IndexByNamespace();
        pods = context.Informers.Pods();
        scales = new(context);
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
        var selected = pods.InNamespace(key.Namespace).Where(pod => Selects(budget, pod)).ToArray();
        if (selected.Length == 0)
        {
            recorder.Record(budget, EventType.Normal, "NoPods", "No matching pods found");
        }
        var scale = DisruptionPlan.NeedsScale(budget) ? await scales.OfAsync(selected, cancellationToken) : default;
        Warn(budget, scale);
        var plan = DisruptionPlan.Compute(budget, selected, scale, Clock.GetUtcNow());
        foreach (var pod in plan.NotDeleted)
        {
            recorder.Record(pod, EventType.Warning, "NotDeleted", $"Pod was expected by PDB {key} to be deleted but it wasn't");
        }
        await WriteStatusAsync(
            Kinds.PodDisruptionBudgets, budget.Metadata, budget.Status, plan.Status, ObjectJson.Default.PodDisruptionBudgetStatus, cancellationToken);
        return new(plan.RequeueAfter);
    }

    private static bool Selects(PodDisruptionBudget budget, Pod? pod) => pod is not null && budget.Spec.Selector.Matches(pod.Metadata.Labels);

    /// <summary>As Go prints it, which is how the event has it.</summary>
    private static string GoText(LabelSelectorSpec? selector)
    {
        var labels = string.Concat((selector?.MatchLabels ?? new Dictionary<string, string>())
            .OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}: {label.Value},"));
        var expressions = string.Concat((selector?.MatchExpressions ?? [])
            .Select(rule => $"LabelSelectorRequirement{{Key:{rule.Key},Operator:{rule.Operator},Values:[{string.Join(' ', rule.Values ?? [])}],}},"));
        return $"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}";
    }

    private void Warn(PodDisruptionBudget budget, ExpectedScale scale)
    {
        if (scale.Failure is { } failure)
        {
            recorder.Record(budget, EventType.Warning, "CalculateExpectedPodCountFailed", $"Failed to calculate the number of expected pods: {failure}");
        }
        if (scale.HasUnmanaged)
        {
            recorder.Record(budget, EventType.Warning, "UnmanagedPods",
                $"Pods selected by this PodDisruptionBudget (selector: {GoText(budget.Spec.Selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated "
                + "correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.");
        }
    }
}
