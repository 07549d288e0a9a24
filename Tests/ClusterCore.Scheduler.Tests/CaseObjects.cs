using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Preemption;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Tests;

/// <summary>
/// Objects of the golden cases, as manifests or written short: a node is {name, cpu, memory, pods, labels, taints, unschedulable, images},
/// a pod {name, namespace, labels, node, priority, cpu, memory} with any other key taken as a field of its spec.
/// </summary>
internal static class CaseObjects
{
    public static Node Node(JsonObject form)
    {
        if (form.ContainsKey("metadata")) { return Read(form, ObjectJson.Default.Node); }
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
        if (form.ContainsKey("metadata")) { return Manifest(form); }
        string[] own = ["name", "namespace", "labels", "node", "cpu", "memory", "image", "extended", "start", "annotations", "status"];
        var spec = new JsonObject();
        foreach (var (key, value) in form) { if (!own.Contains(key)) { spec[key] = value?.DeepClone(); } }
        spec["nodeName"] ??= form["node"]?.DeepClone();
        spec["containers"] ??= new JsonArray(Container(form));
        var (name, ns) = ((string?)form["name"] ?? "incoming", (string?)form["namespace"] ?? "default");
        return Read(new()
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns, ["uid"] = $"{ns}-{name}", ["labels"] = Copy(form["labels"]) },
            ["spec"] = spec,
            ["status"] = form["status"]?.DeepClone() ?? new JsonObject { ["startTime"] = form["start"]?.DeepClone() },
        }, ObjectJson.Default.Pod);
    }

    public static DisruptionBudget Budget(JsonObject form) => new(
        (string?)form["namespace"] ?? "default",
        PodSelector.OfLabels(form["labels"]!.AsObject().ToDictionary(label => label.Key, label => (string)label.Value!)),
        (int)(long)form["allowed"]!,
        (form["counted"] as JsonArray ?? []).Select(name => (string)name!).ToHashSet());

    public static T Read<T>(JsonObject tree, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json) => tree.Deserialize(json)!;

    private static Pod Manifest(JsonObject form)
    {
        var pod = Read(form, ObjectJson.Default.Pod);
        pod.Metadata.Namespace ??= "default";
        pod.Metadata.Uid ??= $"{pod.Metadata.Namespace}-{pod.Metadata.Name}";
        return pod;
    }

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
