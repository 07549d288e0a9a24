using System.Collections.Concurrent;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

/// <summary>
/// Only nodes that can reach the pod's bound volumes, and on which its unbound claims (WaitForFirstConsumer) can be
/// satisfied: by a volume there is, or by one that can be made there. Before the pod is bound its claims are.
/// </summary>
internal sealed class VolumeBindingPlugin(IVolumeCatalog catalog, VolumeBindingArgs args) : IPreFilterPlugin, IFilterPlugin, IReservePlugin, IPreBindPlugin
{
    public const string SelectedNode = "volume.kubernetes.io/selected-node";

    private static readonly CycleSlot<ClaimsToBind> Claims = new();

    private readonly Status conflict = Status.Unresolvable("VolumeBinding", "node(s) didn't match PersistentVolume's node affinity");
    private readonly Status missing = Status.Unresolvable("VolumeBinding", "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
    private readonly Status noRoom = Status.Unresolvable("VolumeBinding", "node(s) did not have enough free storage");
    private readonly Status noVolume = Status.Unresolvable("VolumeBinding", "node(s) didn't find available persistent volumes to bind");

    // Volumes promised to claims whose binding is under way. It ends beside the loop.
    private readonly ConcurrentDictionary<string, string> reserved = new(StringComparer.Ordinal);

    public string Name => "VolumeBinding";

    public IEnumerable<EventRegistration> Events =>
    [
        new(EventResource.PersistentVolumeClaim, EventActions.Add | EventActions.Update, ClaimFacts.HasClaim),
        new(EventResource.PersistentVolume, EventActions.Add | EventActions.Update),
        new(EventResource.StorageClass, EventActions.Add | EventActions.Update),
        new(EventResource.Node, EventActions.Add | EventActions.UpdateNodeLabel),
        new(EventResource.CsiNode, EventActions.Add | EventActions.Update),
        new(EventResource.CsiDriver, EventActions.Update, static (_, change) => change.Object is not CSIDriver { Spec.StorageCapacity: true }),
        new(EventResource.CsiStorageCapacity, EventActions.Add | EventActions.Update),
    ];

    public PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster)
    {
        if (pod.Claims.Length == 0) { return PreFilterOutcome.Skipped; }
        var (claims, rejection) = ClaimsToBind.Sort(pod, catalog);
        if (rejection is not null) { return new(Status.Unresolvable(Name, rejection)); }
        state.Set(Claims, claims);
        return PreFilterOutcome.Success;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var claims = state.Get(Claims);
        var (bound, waiting) = (RejectionOfBound(claims, node), claims.Waiting.Count == 0 ? null : Choose(claims, node).Rejection);
        // Both are told: curing one alone would not help.
        return bound is null || waiting is null ? bound ?? waiting : Status.Unresolvable(Name, [.. bound.Reasons, .. waiting.Reasons]);
    }

    private Status? RejectionOfBound(ClaimsToBind claims, NodeInfo node)
    {
        foreach (var claim in claims.Bound)
        {
            if (catalog.FindVolume(claim.Spec!.VolumeName!) is not { } volume) { return missing; }
            if (!Reaches(volume, node)) { return conflict; }
        }
        return null;
    }

    public Status? Reserve(CycleState state, PodInfo pod, NodeInfo node)
    {
        if (state.Find(Claims) is not { Waiting.Count: > 0 } claims) { return null; }
        var (choice, rejection) = Choose(claims, node);
        if (rejection is not null) { return rejection; }
        (claims.Node, claims.Choice) = (node, choice);
        foreach (var (claim, volume) in choice) { if (volume is not null) { reserved[volume.Metadata.Name] = claim.Key.ToString(); } }
        return null;
    }

    public void Unreserve(CycleState state, PodInfo pod, string nodeName)
    {
        foreach (var (_, volume) in state.Find(Claims)?.Choice ?? []) { if (volume is not null) { reserved.TryRemove(volume.Metadata.Name, out _); } }
    }

    public bool WillPreBind(CycleState state) => state.Find(Claims)?.Choice is { Count: > 0 };

    public async Task<Status?> PreBindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken cancellationToken)
    {
        if (state.Find(Claims) is not { Node: { } node, Choice: { Count: > 0 } choice }) { return null; }
        var written = new List<PersistentVolumeClaim>();
        foreach (var (claim, volume) in choice)
        {
            if (volume is not null) { await catalog.ReserveAsync(volume, claim, cancellationToken); }
            written.Add(volume is null ? await catalog.SelectNodeAsync(claim, nodeName, cancellationToken) : claim);
        }
        var failure = await catalog.WaitBoundAsync(written, node, TimeSpan.FromSeconds(args.BindTimeoutSeconds), cancellationToken);
        if (failure is not null) { return Status.Error(Name, $"binding volumes: {failure}"); }
        // From now on the volumes themselves say whose they are; one of the same name that comes later is anybody's.
        Unreserve(state, pod, nodeName);
        return null;
    }

    internal static bool Reaches(PersistentVolume volume, NodeInfo node) =>
        SelectorParser.ToNodeSelector(volume.Spec?.NodeAffinity?.Required)?.Matches(node) ?? true;

    /// <returns>For each waiting claim a volume, or null where one will be made; or why neither can be.</returns>
    private (List<(PersistentVolumeClaim Claim, PersistentVolume? Volume)> Choice, Status? Rejection) Choose(ClaimsToBind claims, NodeInfo node)
    {
        var choice = new List<(PersistentVolumeClaim, PersistentVolume?)>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (claim, storageClass) in claims.Waiting)
        {
            // Where a node is selected a volume is being made: until its provisioner gives up, nowhere else, and of no other.
            var selected = claim.Metadata.Annotations?.GetValueOrDefault(SelectedNode) is { Length: > 0 } name ? name : null;
            if (selected is not null && selected != node.Name) { return (choice, noVolume); }
            var volume = selected is null
                ? VolumeMatch.Smallest(claim, catalog.Volumes(), one => Free(one, claim) && !taken.Contains(one.Metadata.Name) && Reaches(one, node))
                : null;
            if (volume is null && !VolumeMatch.CanProvision(storageClass, node)) { return (choice, noVolume); }
            if (volume is null && !StorageRoom.IsEnough(claim, storageClass, node, catalog)) { return (choice, noRoom); }
            if (volume is not null) { taken.Add(volume.Metadata.Name); }
            choice.Add((claim, volume));
        }
        return (choice, null);
    }

    private bool Free(PersistentVolume volume, PersistentVolumeClaim claim) =>
        !reserved.TryGetValue(volume.Metadata.Name, out var owner) || owner == claim.Key.ToString();
}
