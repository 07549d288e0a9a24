using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Golden;

/// <summary>
/// What one case observes. Objects are written as in manifests, with parts of their metadata one level up: name, namespace, labels,
/// annotations, finalizers, created, deleted (a time), owner (the name of the controller). The clock stands at <c>now</c>, else at noon.
/// </summary>
internal sealed class GoldenCase(JsonObject form)
{
    public const string Noon = "2026-01-01T12:00:00Z";
    private static readonly string[] MetadataFields = ["labels", "annotations", "finalizers", "generation", "ownerReferences", "deletionGracePeriodSeconds"];

    public DateTimeOffset Now => Time(Text("now")) ?? A.Noon;

    public string? Text(string key) => (string?)form[key];

    public int? Number(string key) => (int?)form[key];

    public IEnumerable<string> Texts(string key) => (form[key] as JsonArray ?? []).Select(item => $"{item}");

    public TimeSpan Seconds(string key) => TimeSpan.FromSeconds((double?)form[key] ?? 0);

    public JsonObject Part(string key) => form[key] as JsonObject ?? [];

    public IEnumerable<JsonObject> Parts(string key) => (form[key] as JsonArray ?? []).Select(item => (JsonObject)item!);

    /// <param name="spec">What its spec has where the case does not say.</param>
    public T One<T>(string key, JsonTypeInfo<T> json, string spec = "{}") => Object(Part(key), key, spec).Deserialize(json)!;

    public T[] Many<T>(string key, JsonTypeInfo<T> json, string spec = "{}") =>
        [.. Parts(key).Select((item, i) => Object(item, $"{key}-{i}", spec).Deserialize(json)!)];

    /// <summary>Pods are written shorter still: node, phase, ready (a time, or whether), ip, labels app=web.</summary>
    public Pod[] Pods(string key = "pods") => [.. Parts(key).Select((item, i) => Pod(item, $"pod-{i}"))];

    public static JsonObject Object(JsonObject item, string fallbackName, string spec)
    {
        var name = (string?)item["name"] ?? fallbackName;
        var metadata = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = (string?)item["namespace"] ?? "default",
            ["uid"] = (string?)item["uid"] ?? $"uid-{name}",
            ["resourceVersion"] = "1",
            ["generation"] = 1,
            ["creationTimestamp"] = (string?)item["created"] ?? Noon,
        };
        foreach (var field in MetadataFields.Where(item.ContainsKey)) { metadata[field] = item[field]!.DeepClone(); }
        if (item["deleted"] is { } deleted) { metadata["deletionTimestamp"] = deleted.DeepClone(); }
        if (item["owner"] is { } owner)
        {
            metadata["ownerReferences"] = new JsonArray(
                new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = "Owner", ["name"] = $"{owner}", ["uid"] = $"uid-{owner}", ["controller"] = true });
        }
        var filled = (JsonObject)JsonNode.Parse(spec)!;
        foreach (var (field, value) in item["spec"] as JsonObject ?? []) { filled[field] = value?.DeepClone(); }
        var tree = new JsonObject { ["metadata"] = metadata, ["spec"] = filled, ["status"] = item["status"]?.DeepClone() ?? new JsonObject() };
        foreach (var (field, value) in item.Where(field => !tree.ContainsKey(field.Key))) { tree[field] = value?.DeepClone(); }
        return tree;
    }

    public static DateTimeOffset? Time(string? text) =>
        text is null ? null : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static Pod Pod(JsonObject item, string fallbackName)
    {
        var tree = Object(item, fallbackName, """{"containers":[{"name":"main"}]}""");
        tree["metadata"]!["labels"] ??= new JsonObject { ["app"] = "web" };
        if (item["node"] is { } node) { tree["spec"]!["nodeName"] = node.DeepClone(); }
        var status = (JsonObject)tree["status"]!;
        status["phase"] ??= item["phase"]?.DeepClone() ?? (item["ready"] is null ? "Pending" : "Running");
        if (item["ip"] is { } ip) { status["podIP"] = ip.DeepClone(); }
        if (item["ready"]?.ToString() is { } ready)
        {
            status["conditions"] ??= new JsonArray(new JsonObject
            {
                ["type"] = "Ready",
                ["status"] = ready == "false" ? "False" : "True",
                ["lastTransitionTime"] = ready is "true" or "false" ? Noon : ready,
            });
        }
        return tree.Deserialize(ObjectJson.Default.Pod)!;
    }
}
