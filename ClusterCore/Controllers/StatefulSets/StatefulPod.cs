using System.Globalization;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.StatefulSets;

/// <summary>A pod with its ordinal's identity: name, host name, labels, claims.</summary>
internal static class StatefulPod
{
    private const string PodName = "statefulset.kubernetes.io/pod-name";
    private const string PodIndex = "apps.kubernetes.io/pod-index";

    public static JsonObject Create(StatefulSet set, RawJson? template, string revision, int ordinal)
    {
        var name = $"{set.Metadata.Name}-{ordinal}";
        var pod = PodTemplates.Pod(template, set, name);
        var labels = (JsonObject)pod["metadata"]!["labels"]!;
        labels[Labels.ControllerRevisionHash] = revision;
        labels[PodName] = name;
        labels[PodIndex] = ordinal.ToString(CultureInfo.InvariantCulture);
        var spec = (JsonObject)pod["spec"]!;
        spec["hostname"] = name;
        spec["subdomain"] = set.Spec.ServiceName;
        spec["volumes"] = Volumes(set, spec["volumes"] as JsonArray, name);
        return pod;
    }

    /// <summary>The claims a pod needs, from the set's templates.</summary>
    public static IEnumerable<(string Name, JsonObject Claim)> Claims(StatefulSet set, string podName)
    {
        foreach (var template in set.Spec.VolumeClaimTemplates ?? [])
        {
            var tree = (JsonObject)template.ToNode();
            var templateName = (string?)tree["metadata"]?["name"] ?? "";
            var name = $"{templateName}-{podName}";
            var labels = tree["metadata"]?["labels"]?.DeepClone() as JsonObject ?? [];
            foreach (var (key, value) in set.Spec.Selector?.MatchLabels ?? new Dictionary<string, string>())
            {
                labels[key] = value;
            }
            yield return (name, new()
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["namespace"] = set.Metadata.Namespace,
                    ["labels"] = labels,
                    ["annotations"] = tree["metadata"]?["annotations"]?.DeepClone() ?? new JsonObject(),
                },
                ["spec"] = tree["spec"]?.DeepClone(),
            });
        }
    }

    /// <summary>A claim's volume takes the place of one of the same name in the template.</summary>
    private static JsonArray Volumes(StatefulSet set, JsonArray? fromTemplate, string podName)
    {
        var claims = Claims(set, podName).Select(claim => claim.Name).ToArray();
        var names = claims.Select(claim => claim[..^(podName.Length + 1)]).ToArray();
        var volumes = new JsonArray();
        foreach (var volume in (fromTemplate ?? []).Where(volume => !names.Contains((string?)volume?["name"])))
        {
            volumes.Add(volume?.DeepClone());
        }
        for (var i = 0; i < claims.Length; i++)
        {
            volumes.Add((JsonNode)new JsonObject
            {
                ["name"] = names[i],
                ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claims[i] },
            });
        }
        return volumes;
    }
}
