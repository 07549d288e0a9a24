using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Nodes;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.DaemonSets;

/// <summary>A daemon for one node: bound to it by affinity, and tolerant of what ails nodes.</summary>
internal static class DaemonPod
{
    private const string TemplateGeneration = "pod-template-generation";

    /// <summary>The template's own tolerations, and those that every daemon has.</summary>
    public static IReadOnlyList<Toleration> Tolerations(PodSpec spec)
    {
        List<Toleration> all =
        [
            .. spec.Tolerations ?? [],
            Tolerates(NodeTaints.NotReady, NodeTaints.NoExecute),
            Tolerates(NodeTaints.Unreachable, NodeTaints.NoExecute),
            Tolerates("node.kubernetes.io/disk-pressure", NodeTaints.NoSchedule),
            Tolerates("node.kubernetes.io/memory-pressure", NodeTaints.NoSchedule),
            Tolerates("node.kubernetes.io/pid-pressure", NodeTaints.NoSchedule),
            Tolerates("node.kubernetes.io/unschedulable", NodeTaints.NoSchedule),
        ];
        if (spec.HostNetwork)
        {
            all.Add(Tolerates("node.kubernetes.io/network-unavailable", NodeTaints.NoSchedule));
        }
        return all;
    }

    public static JsonObject Create(DaemonSet set, PodSpec spec, string node, string hash)
    {
        var pod = PodTemplates.Pod(set.Spec.Template, set);
        var labels = (JsonObject)pod["metadata"]!["labels"]!;
        labels[Labels.ControllerRevisionHash] = hash;
        labels[TemplateGeneration] = $"{set.Metadata.Generation}";
        var tree = (JsonObject)pod["spec"]!;
        tree["tolerations"] = new JsonArray([.. Tolerations(spec).Select(toleration => JsonSerializer.SerializeToNode(toleration, ObjectJson.Default.Toleration))]);
        var affinity = tree["affinity"] as JsonObject ?? [];
        var nodeAffinity = affinity["nodeAffinity"] as JsonObject ?? [];
        // One node, named: what the set's own affinity asked for was weighed when the node was chosen.
        nodeAffinity["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonObject
        {
            ["nodeSelectorTerms"] = new JsonArray(new JsonObject
            {
                ["matchFields"] = new JsonArray(new JsonObject
                {
                    ["key"] = "metadata.name",
                    ["operator"] = "In",
                    ["values"] = new JsonArray(node),
                }),
            }),
        };
        affinity["nodeAffinity"] ??= nodeAffinity;
        tree["affinity"] ??= affinity;
        return pod;
    }

    /// <summary>The node a daemon runs on, or was made for.</summary>
    public static string? NodeOf(Pod pod)
    {
        if (pod.Spec.NodeName is { Length: > 0 } bound)
        {
            return bound;
        }
        var terms = pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms ?? [];
        return terms.SelectMany(term => term.MatchFields ?? []).FirstOrDefault(rule => rule.Key == "metadata.name")?.Values?.FirstOrDefault();
    }

    private static Toleration Tolerates(string key, string effect) => new() { Key = key, Operator = "Exists", Effect = effect };
}
