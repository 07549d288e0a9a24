using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client.Informers;

/// <summary>Which objects an informer follows, and what it keeps of each.</summary>
public sealed record InformerOptions<T> where T : KubernetesObject
{
    /// <summary>Null follows all namespaces.</summary>
    public string? Namespace { get; init; }
    public string? LabelSelector { get; init; }
    public string? FieldSelector { get; init; }

    /// <summary>Drops what its readers do not need, before the object is kept.</summary>
    public Func<T, T>? Transform { get; init; }

    /// <summary>Wait before the list is tried again after a failure; doubles up to 30 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(200);
}
