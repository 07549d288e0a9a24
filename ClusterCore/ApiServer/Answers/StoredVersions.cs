using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Answers;

/// <summary>
/// Some objects are shown in more than one version: events of core and of events.k8s.io, the two versions of the autoscaler,
/// and custom resources. They are stored as they were written and shown as they are asked for, custom resources with the
/// members and defaults that their definition has by now.
/// </summary>
internal static class StoredVersions
{
    /// <summary>Core's name beside that of events.k8s.io.</summary>
    private static readonly (string Core, string Events)[] names =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ];

    public static ReadOnlyMemory<byte> Show(Scope scope, ReadOnlyMemory<byte> value)
    {
        var isSame = !MayDiffer(scope.Resource) || JsonCodec.PeekTypeMeta(value.Span).ApiVersion == scope.Resource.ApiVersion;
        var isCurrent = scope.Custom is not { } custom || (!custom.HasDefaults && !(ResourceVersionStamp.Read(value.Span) <= custom.Since));
        return isSame && isCurrent ? value : JsonCodec.Encode(Read(scope, JsonNode.Parse(value.Span)!.AsObject()));
    }

    /// <summary>A stored object as the request's resource shows it.</summary>
    public static JsonObject Read(Scope scope, JsonObject obj)
    {
        var shown = Read(scope.Resource, obj);
        if (scope.Custom is not { } custom) { return shown; }
        SchemaPruning.Apply(scope.Resource.Schema, shown);
        SchemaDefaults.Apply(custom.Schema, shown);
        return shown;
    }

    /// <summary>A stored object in the version a request is about.</summary>
    public static JsonObject Read(ResourceInfo wanted, JsonObject obj)
    {
        if (!MayDiffer(wanted) || ObjectMeta.Text(obj, "apiVersion") == wanted.ApiVersion) { return obj; }
        if (wanted.Kind == "Event" && !wanted.IsCustom()) { return Convert(obj, wanted); }
        if (wanted is { Group: "autoscaling", Kind: "HorizontalPodAutoscaler" }) { return AutoscalerVersions.Convert(obj, wanted); }
        // Custom resources with conversion None: the versions differ in name only.
        obj["apiVersion"] = wanted.ApiVersion;
        return obj;
    }

    private static bool MayDiffer(ResourceInfo resource) =>
        resource is { Kind: "Event" or "HorizontalPodAutoscaler" } || resource.IsCustom();

    private static JsonObject Convert(JsonObject obj, ResourceInfo wanted)
    {
        var toCore = wanted.Group.Length == 0;
        var result = new JsonObject();
        foreach (var (name, node) in obj)
        {
            var pair = Array.Find(names, pair => (toCore ? pair.Events : pair.Core) == name);
            var shown = pair == default ? name : toCore ? pair.Core : pair.Events;
            result[shown] = name == "apiVersion" ? wanted.ApiVersion : node?.DeepClone();
        }

        return result;
    }
}
