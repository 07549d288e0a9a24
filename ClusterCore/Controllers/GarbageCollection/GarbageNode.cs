using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.GarbageCollection;

/// <summary>One object as the collector knows it. A virtual one is only known from its dependents.</summary>
internal sealed class GarbageNode(string uid)
{
    public string Uid { get; } = uid;

    /// <summary>Null for a virtual node whose kind is not served.</summary>
    public ResourceType<PartialObject>? Type { get; set; }
    public NamespacedName Key { get; set; }
    public bool IsVirtual { get; set; } = true;
    public OwnerReference[] Owners { get; set; } = [];
    public string[] Finalizers { get; set; } = [];
    public string? ResourceVersion { get; set; }
    public bool IsBeingDeleted { get; set; }
    public HashSet<GarbageNode> Dependents { get; } = [];

    /// <summary>Being deleted in the foreground: it goes after the dependents that block it.</summary>
    public bool WaitsForDependents => IsBeingDeleted && Finalizers.Contains(GarbageFinalizer.Foreground);

    public bool Orphans => IsBeingDeleted && Finalizers.Contains(GarbageFinalizer.Orphan);

    /// <summary>Whether this is what a dependent's reference names: the UID alone may be of something else, in another namespace.</summary>
    public bool IsMeantBy(OwnerReference reference, GarbageNode dependent) =>
        IsVirtual || (Key.Name == reference.Name && (Key.Namespace is null || Key.Namespace == dependent.Key.Namespace));

    public bool Blocks(GarbageNode owner) => Array.Exists(Owners, reference => reference.Uid == owner.Uid && reference.BlockOwnerDeletion == true);
}

internal static class GarbageFinalizer
{
    public const string Foreground = "foregroundDeletion";
    public const string Orphan = "orphan";
}
