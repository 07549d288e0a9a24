using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client;

public enum WatchEventType
{
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
}

/// <summary>One event of a watch. Errors carry the status (410 where the resource version is too old) and no object.</summary>
public sealed record WatchEvent<T>(WatchEventType Type, T? Object, ApiStatus? Status = null) where T : KubernetesObject;

/// <summary>A whole collection at one resource version.</summary>
public sealed record ObjectList<T>(List<T> Items, string? ResourceVersion) where T : KubernetesObject;
