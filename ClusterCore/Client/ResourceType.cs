using System.Text.Json.Serialization.Metadata;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client;

/// <summary>Where a kind is served and how its view is read.</summary>
/// <param name="Group">Empty for the core group.</param>
public sealed record ResourceType<T>(
    string Group, string Version, string Plural, string Kind, bool Namespaced, JsonTypeInfo<T> Json) where T : KubernetesObject
{
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Asks for metadata only, where the view reads nothing else.</summary>
    public bool MetadataOnly => typeof(T) == typeof(PartialObject);

    /// <summary>The path of the collection, of one object of it, or of a subresource of that object.</summary>
    public string Path(string? ns = null, string? name = null, string? subresource = null)
    {
        var path = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        path += Namespaced && ns is not null ? $"/namespaces/{Uri.EscapeDataString(ns)}/{Plural}" : $"/{Plural}";
        path += name is null ? "" : $"/{Uri.EscapeDataString(name)}";
        return subresource is null ? path : $"{path}/{subresource}";
    }
}

public static class ResourceType
{
    /// <summary>Any kind, by its metadata alone: what the garbage collector and the namespace controller need.</summary>
    public static ResourceType<PartialObject> Metadata(string group, string version, string plural, string kind, bool namespaced) =>
        new(group, version, plural, kind, namespaced, ObjectJson.Default.PartialObject);
}
