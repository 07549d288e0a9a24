using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client.Informers;

/// <summary>What changed: <see cref="Old"/> is null for an addition, <see cref="New"/> for a deletion.</summary>
public readonly record struct InformerChange<T>(T? Old, T? New) where T : KubernetesObject
{
    public bool IsAdded => Old is null;
    public bool IsDeleted => New is null;

    /// <summary>The newest known state, for a deletion the last one.</summary>
    public T Object => New ?? Old ?? throw new InvalidOperationException("a change has an old or a new object");
    public NamespacedName Key => Object.Key;
}
