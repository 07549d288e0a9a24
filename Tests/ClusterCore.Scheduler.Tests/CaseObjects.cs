using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Scheduler.Tests;

/// <summary>
/// Objects of the golden cases, written short: a node is {name, cpu, memory, pods, labels, taints, unschedulable, images},
/// a pod {name, namespace, labels, node, priority, cpu, memory} with any other key taken as a field of its spec.
/// </summary>
internal static class CaseObjects
{
    public static Node Node(JsonObject form)
    {
        var name = (string)form["name"]!;
        var labels = Copy(form["labels"]) ?? [];
        labels["kubernetes.io/hostname"] ??= name;
        var allocatable = new JsonObject { ["cpu"] = Text(form, "cpu", "4"), ["memory"] = Text(form, "memory", "8Gi"), ["pods"] = Text(form, "pods", "110") };
        foreach (var (resource, amount) in form["extended"] as JsonObject ?? []) { allocatable[resource] = amount!.ToString(); }
        return Read(new()
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels },
            ["spec"] = new JsonObject { ["taints"] = form["taints"]?.DeepClone(), ["unschedulable"] = form["unschedulable"]?.DeepClone() ?? false },
            ["status"] = new JsonObject { ["allocatable"] = allocatable, ["images"] = form["images"]?.DeepClone() },
        }, ObjectJson.Default.Node);
    }

    public static Pod Pod(JsonObject form)
    {
        string[] own = ["name", "namespace", "labels", "node", "cpu", "memory", "image", "extended", "start", "annotations"];
        var spec = new JsonObject();
        foreach (var (key, value) in form) { if (!own.Contains(key)) { spec[key] = value?.DeepClone(); } }
        spec["nodeName"] ??= form["node"]?.DeepClone();
        spec["containers"] ??= new JsonArray(Container(form));
        var (name, ns) = ((string?)form["name"] ?? "incoming", (string?)form["namespace"] ?? "default");
        return Read(new()
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns, ["uid"] = $"{ns}-{name}", ["labels"] = Copy(form["labels"]) },
            ["spec"] = spec,
            ["status"] = new JsonObject { ["startTime"] = form["start"]?.DeepClone() },
        }, ObjectJson.Default.Pod);
    }

    public static T Read<T>(JsonObject tree, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json) => tree.Deserialize(json)!;

    private static JsonObject Container(JsonObject form)
    {
        var requests = Copy(form["extended"]) ?? [];
        if (form["cpu"] is { } cpu) { requests["cpu"] = cpu.ToString(); }
        if (form["memory"] is { } memory) { requests["memory"] = memory.ToString(); }
        return new() { ["name"] = "main", ["image"] = (string?)form["image"] ?? "nginx", ["resources"] = new JsonObject { ["requests"] = requests } };
    }

    private static string Text(JsonObject form, string key, string other) => form[key]?.ToString() ?? other;

    private static JsonObject? Copy(JsonNode? node) => (JsonObject?)node?.DeepClone();
}
