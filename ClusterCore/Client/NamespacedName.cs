namespace Flotilla.ClusterCore.Client;

/// <summary>Names an object of a known kind. Cluster-scoped objects have no namespace.</summary>
public readonly record struct NamespacedName(string? Namespace, string Name)
{
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
