using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Subresources;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>One served version of a custom resource definition.</summary>
/// <param name="Schema">Its <c>openAPIV3Schema</c>; empty when everything is allowed.</param>
/// <param name="ColumnPaths">The JSONPath of each column of <see cref="Info"/>; empty for the name.</param>
/// <param name="Scale">Null without a scale subresource.</param>
/// <param name="StorageVersion">The version of the definition that is marked as the one to store.</param>
/// <param name="Since">The resourceVersion of the definition: what was stored before may have members that it does not know.</param>
internal sealed record CustomResource(
    ResourceInfo Info, JsonObject Schema, IReadOnlyList<string> ColumnPaths, ScalePaths? Scale, IReadOnlyList<string> SelectableFields, string StorageVersion, long Since)
{
    private static readonly string[] verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
    private static readonly string[] partVerbs = ["get", "patch", "update"];

    /// <summary>Whether objects stored before a default was declared may lack it.</summary>
    public bool HasDefaults { get; } = SchemaDefaults.Any(Schema);

    /// <summary>Every served version of an established definition.</summary>
    public static IEnumerable<CustomResource> From(JsonObject definition)
    {
        if (definition["spec"] is not JsonObject spec) { yield break; }
        // Names that are changed count when they are accepted.
        var names = definition["status"]?["acceptedNames"] ?? spec["names"];
        var since = long.TryParse(ObjectMeta.ResourceVersion(definition), out var revision) ? revision : 0;
        JsonObject[] versions = [.. (spec["versions"] as JsonArray ?? []).OfType<JsonObject>()];
        var storage = ObjectMeta.Text(versions.FirstOrDefault(static version => version["storage"]?.GetValue<bool>() == true), "name");
        foreach (var version in versions)
        {
            if (version["served"]?.GetValue<bool>() == true) { yield return Read(spec, names, version, storage, since); }
        }
    }

    private static CustomResource Read(JsonObject spec, JsonNode? names, JsonObject version, string storage, long since)
    {
        var group = ObjectMeta.Text(spec, "group");
        var schema = version["schema"]?["openAPIV3Schema"] as JsonObject ?? [];
        var columns = Columns(version).ToArray();
        var kind = ObjectMeta.Text(names, "kind");
        var info = new ResourceInfo(
            group, ObjectMeta.Text(version, "name"), kind, ObjectMeta.Text(names, "plural"),
            ObjectMeta.Text(names, "singular") is { Length: > 0 } singular ? singular : kind.ToLowerInvariant(),
            ObjectMeta.Text(spec, "scope") == "Namespaced", verbs, Texts(names, "shortNames"), Texts(names, "categories"),
            [.. Subresources(version, kind)], [.. columns.Select(column => column.Info)])
        { Schema = StructuralSchema.Root(schema) };
        return new(info, schema, [.. columns.Select(column => column.Path)], ScaleOf(version), [.. Fields(version)], storage, since);
    }

    private static IEnumerable<SubresourceInfo> Subresources(JsonObject version, string kind)
    {
        if (version["subresources"]?["status"] is not null) { yield return new("status", kind, "", "", partVerbs); }
        if (version["subresources"]?["scale"] is not null) { yield return new("scale", "Scale", "autoscaling", "v1", partVerbs); }
    }

    private static IEnumerable<(ColumnInfo Info, string Path)> Columns(JsonObject version)
    {
        yield return (new("Name", "string", "name", 0), "");
        if (version["additionalPrinterColumns"] is not JsonArray { Count: > 0 } given)
        {
            yield return (new("Age", "date", "", 0), ".metadata.creationTimestamp");
            yield break;
        }

        foreach (var column in given.OfType<JsonObject>())
        {
            yield return (
                new(ObjectMeta.Text(column, "name"), ObjectMeta.Text(column, "type"), ObjectMeta.Text(column, "format"), (int)(ObjectMeta.Number(column, "priority") ?? 0)),
                ObjectMeta.Text(column, "jsonPath"));
        }
    }

    private static ScalePaths? ScaleOf(JsonObject version) => version["subresources"]?["scale"] is JsonObject scale
        ? new(ObjectMeta.Text(scale, "specReplicasPath"), ObjectMeta.Text(scale, "statusReplicasPath"), ObjectMeta.Text(scale, "labelSelectorPath"))
        : null;

    private static IEnumerable<string> Fields(JsonObject version) =>
        (version["selectableFields"] as JsonArray ?? []).Select(field => ObjectMeta.Text(field, "jsonPath").TrimStart('.'));

    private static string[] Texts(JsonNode? parent, string name) => parent?[name] is JsonArray list ? [.. list.Select(one => one?.ToString() ?? "")] : [];
}
