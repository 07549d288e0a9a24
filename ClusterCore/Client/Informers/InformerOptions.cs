using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client.Informers;

/// <summary>Which objects an informer follows, and what it keeps of each.</summary>
public sealed record InformerOptions<T> where T : KubernetesObject
{
    /// <summary>Null follows all namespaces.</summary>
    public string? Namespace { get; init; }
    public string? LabelSelector { get; init; }
    public string? FieldSelector { get; init; }

    /// <summary>Drops what readers of the cache do not need. Handlers still see a changed object whole, and its old form as it was kept.</summary>
    public Func<T, T>? Transform { get; init; }

    /// <summary>
    /// How long a refusal (403) is waited out before the informer counts as synced without objects: roles may come a moment after the
    /// server. Null waits for ever, as what cannot be done without must. It is asked for again all the same.
    /// </summary>
    public TimeSpan? DoWithoutAfter { get; init; }

    /// <summary>Wait before the list is tried again after a failure; doubles up to 30 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(200);
}
