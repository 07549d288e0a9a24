using System.Collections.ObjectModel;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>All that the scheduler asks about a pod, worked out once. Nothing else of the pod is kept: there are many.</summary>
internal sealed class PodInfo
{
    private static readonly ReadOnlyDictionary<string, string> NoLabels = ReadOnlyDictionary<string, string>.Empty;

    public required string Uid { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required ResourceAmounts Requests { get; init; }

    /// <summary>Requests where a container that asks for nothing counts as a small one: for scores, never for fit.</summary>
    public required ResourceAmounts ScoredRequests { get; init; }

    public string? ResourceVersion { get; init; }

    public long Generation { get; init; }

    /// <summary>The controller that made it.</summary>
    public OwnerReference? Owner { get; init; }

    /// <summary>Its condition PodScheduled.</summary>
    public PodCondition? Scheduled { get; init; }

    public string NodeName { get; init; } = "";

    /// <summary>The node on which preemption is making room for this pod.</summary>
    public string NominatedNodeName { get; private set; } = "";

    public string SchedulerName { get; init; } = "";

    public int Priority { get; init; }

    public bool MayPreempt { get; init; } = true;

    public bool Terminating { get; init; }

    /// <summary>Terminating for a more important pod.</summary>
    public bool Preempted { get; init; }

    public DateTimeOffset StartTime { get; init; }

    public HostPort[] HostPorts { get; init; } = [];

    public PodToleration[] Tolerations { get; init; } = [];

    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = NoLabels;

    public Selectors.NodeSelector? RequiredNodes { get; init; }

    public PreferredNodeTerm[] PreferredNodes { get; init; } = [];

    public AffinityTerm[] RequiredAffinity { get; init; } = [];

    public AffinityTerm[] RequiredAntiAffinity { get; init; } = [];

    public WeightedAffinityTerm[] PreferredAffinity { get; init; } = [];

    public WeightedAffinityTerm[] PreferredAntiAffinity { get; init; } = [];

    public SpreadConstraint[] SpreadConstraints { get; init; } = [];

    public string[] SchedulingGates { get; init; } = [];

    public string[] ResourceClaims { get; init; } = [];

    /// <summary>Of its containers, and of its volumes that are images.</summary>
    public string[] Images { get; init; } = [];

    public PodClaim[] Claims { get; init; } = [];

    public PodDisk[] Disks { get; init; } = [];

    public bool HasAffinityTerms =>
        RequiredAffinity.Length + RequiredAntiAffinity.Length + PreferredAffinity.Length + PreferredAntiAffinity.Length > 0;

    public static PodInfo From(Pod pod)
    {
        var meta = pod.Metadata;
        var spec = pod.Spec ?? new PodSpec();
        var labels = Texts.Shared(meta.Labels) ?? NoLabels;
        var ns = Texts.Shared(meta.Namespace ?? "");
        var affinity = spec.Affinity;
        return new()
        {
            Uid = meta.Uid ?? $"{ns}/{meta.Name}",
            ResourceVersion = meta.ResourceVersion,
            Generation = meta.Generation,
            Owner = pod.ControllerOwner(),
            Scheduled = Array.Find(pod.Status.Conditions ?? [], one => one.Type == "PodScheduled"),
            Namespace = ns,
            Name = meta.Name,
            Labels = labels,
            Requests = PodRequests.Of(pod, scored: false),
            ScoredRequests = PodRequests.Of(pod, scored: true),
            NodeName = Texts.Shared(spec.NodeName ?? ""),
            NominatedNodeName = pod.Status?.NominatedNodeName ?? "",
            SchedulerName = Texts.Shared(spec.SchedulerName ?? "default-scheduler"),
            Priority = spec.Priority ?? 0,
            MayPreempt = spec.PreemptionPolicy != "Never",
            Terminating = meta.DeletionTimestamp is not null,
            Preempted = meta.DeletionTimestamp is not null && Array.Exists(pod.Status?.Conditions ?? [],
                one => one is { Type: "DisruptionTarget", Status: "True", Reason: "PreemptionByScheduler" }),
            StartTime = pod.Status?.StartTime ?? meta.CreationTimestamp ?? default,
            HostPorts = HostPort.Of(spec),
            Tolerations = Map(spec.Tolerations, SelectorParser.ToToleration),
            NodeLabels = spec.NodeSelector ?? NoLabels,
            RequiredNodes = SelectorParser.ToNodeSelector(affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution),
            PreferredNodes = SelectorParser.ToPreferredTerms(affinity?.NodeAffinity?.PreferredDuringSchedulingIgnoredDuringExecution),
            RequiredAffinity = Map(affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, ToTerm),
            RequiredAntiAffinity = Map(affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, ToTerm),
            PreferredAffinity = Map(affinity?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution, ToWeighted),
            PreferredAntiAffinity = Map(affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution, ToWeighted),
            SpreadConstraints = Map(spec.TopologySpreadConstraints, one => SelectorParser.ToSpreadConstraint(one, labels)),
            SchedulingGates = Map(spec.SchedulingGates, gate => gate.Name),
            ResourceClaims = Map(spec.ResourceClaims, claim => claim.Name),
            Images = ImagesOf(spec),
            Claims = PodClaim.Of(meta.Name, spec.Volumes),
            Disks = PodDisk.Of(spec.Volumes),
        };

        AffinityTerm ToTerm(PodAffinityTerm term) => SelectorParser.ToAffinityTerm(term, ns, labels);
        WeightedAffinityTerm ToWeighted(WeightedPodAffinityTerm one) => new(one.Weight, ToTerm(one.PodAffinityTerm ?? new()));
    }

    /// <summary>The pod as it is once it has been told where it will be.</summary>
    public PodInfo NominatedTo(string nodeName)
    {
        var nominated = (PodInfo)MemberwiseClone();
        nominated.NominatedNodeName = nodeName;
        return nominated;
    }

    public bool Tolerates(NodeTaint taint)
    {
        foreach (var toleration in Tolerations)
        {
            if (toleration.Tolerates(taint)) { return true; }
        }
        return false;
    }

    /// <summary>The node selector and the required node affinity both hold.</summary>
    public bool AcceptsNode(NodeInfo node)
    {
        return (NodeLabels.Count == 0 || HasLabels(node)) && (RequiredNodes?.Matches(node) ?? true);
    }

    public override string ToString() => $"{Namespace}/{Name}";

    private bool HasLabels(NodeInfo node)
    {
        foreach (var (key, value) in NodeLabels)
        {
            if (!node.Labels.TryGetValue(key, out var actual) || actual != value) { return false; }
        }
        return true;
    }

    private static string[] ImagesOf(PodSpec spec) =>
    [
        .. (spec.InitContainers ?? []).Concat(spec.Containers ?? []).Select(container => Texts.Shared(container.Image ?? "")),
        .. (spec.Volumes ?? []).Where(volume => volume.Image is not null).Select(volume => Texts.Shared(volume.Image!.Reference ?? "")),
    ];

    private static TOut[] Map<TIn, TOut>(TIn[]? items, Converter<TIn, TOut> convert) =>
        items is { Length: > 0 } ? Array.ConvertAll(items, convert) : [];
}
