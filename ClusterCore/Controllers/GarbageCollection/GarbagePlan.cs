using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.GarbageCollection;

internal enum OwnerState
{
    /// <summary>There, and staying as far as is known.</summary>
    Solid,

    /// <summary>Gone, or another object has its name now.</summary>
    Dangling,

    /// <summary>Going, but not before this dependent.</summary>
    Waiting,
}

/// <summary>What to do about one object, given what is known of its owners.</summary>
internal sealed record GarbagePlan
{
    /// <summary>The owner references that stay, where some must go and the object stays.</summary>
    public OwnerReference[]? KeepOwners { get; init; }

    /// <summary>How the object is to be deleted; null when it stays.</summary>
    public string? DeleteWith { get; init; }

    /// <summary>Dependents that wait for this object while it waits for them: their reference must block no longer.</summary>
    public IReadOnlyList<GarbageNode> Unblock { get; init; } = [];

    public static GarbagePlan Compute(GarbageNode node, IReadOnlyList<(OwnerReference Reference, OwnerState State)> owners)
    {
        if (owners.Count == 0)
        {
            return new();
        }
        if (owners.Any(owner => owner.State == OwnerState.Solid))
        {
            var solid = owners.Where(owner => owner.State == OwnerState.Solid).Select(owner => owner.Reference).ToArray();
            return solid.Length == owners.Count ? new() : new() { KeepOwners = solid };
        }
        if (owners.Any(owner => owner.State == OwnerState.Waiting) && node.Dependents.Count > 0)
        {
            return new() { DeleteWith = "Foreground", Unblock = [.. node.Dependents.Where(dependent => dependent.WaitsForDependents)] };
        }
        return new()
        {
            DeleteWith = node.Finalizers.Contains(GarbageFinalizer.Orphan) ? "Orphan"
                : node.Finalizers.Contains(GarbageFinalizer.Foreground) ? "Foreground"
                : "Background",
        };
    }
}
