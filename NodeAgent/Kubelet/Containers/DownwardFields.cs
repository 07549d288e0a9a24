using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Resources;
using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>Fields of its own object that a pod may read: <c>fieldRef</c> and <c>resourceFieldRef</c>.</summary>
public sealed class DownwardFields(Pod pod, string nodeName, string hostIp, IReadOnlyList<string> podIps, long allocatableMilliCpu, long allocatableMemory, long allocatableDisk)
{
    public string Field(string path)
    {
        var meta = pod.Metadata;
        if (Subscript(path, "metadata.labels") is { } label)
        {
            return meta.Labels?.GetValueOrDefault(label) ?? "";
        }

        if (Subscript(path, "metadata.annotations") is { } annotation)
        {
            return meta.Annotations?.GetValueOrDefault(annotation) ?? "";
        }

        return path switch
        {
            "metadata.name" => meta.Name,
            "metadata.namespace" => meta.Namespace ?? "",
            "metadata.uid" => meta.Uid ?? "",
            "metadata.labels" => Lines(meta.Labels),
            "metadata.annotations" => Lines(meta.Annotations),
            "spec.nodeName" => nodeName,
            "spec.serviceAccountName" => pod.Spec?.ServiceAccountName ?? "default",
            "status.hostIP" or "status.hostIPs" => hostIp,
            "status.podIP" => podIps.Count == 0 ? "" : podIps[0],
            "status.podIPs" => string.Join(',', podIps),
            _ => throw new ContainerConfigException($"unsupported fieldPath: {path}"),
        };
    }

    public string Resource(ResourceFieldSelector selector, Container container)
    {
        if (selector.ContainerName is { Length: > 0 } name)
        {
            container = pod.Spec?.Find(name)?.Spec ?? throw new ContainerConfigException($"container {name} not found");
        }

        var divisor = selector.Divisor is { Length: > 0 } and not "0" ? Quantity.Parse(selector.Divisor).MilliValue : 1000;
        return $"{(long)Math.Ceiling((decimal)MilliAmount(selector.Resource, container.Resources) / divisor)}";
    }

    private long MilliAmount(string resource, ResourceRequirements? resources)
    {
        var (list, name) = resource.Split('.', 2) is ["limits", var limited]
            ? (resources?.Limits, limited)
            : (resources?.Requests, resource[(resource.IndexOf('.') + 1)..]);
        if (list?.TryGetValue(name, out var text) == true)
        {
            return Quantity.Parse(text).MilliValue;
        }

        // Without a limit a container may take all that the node offers; without a request it is promised nothing.
        return (resource.StartsWith("limits.", StringComparison.Ordinal), name) switch
        {
            (true, "cpu") => allocatableMilliCpu,
            (true, "memory") => allocatableMemory * 1000,
            (true, "ephemeral-storage") => allocatableDisk * 1000,
            _ => 0,
        };
    }

    private static string? Subscript(string path, string map) =>
        path.StartsWith($"{map}['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal)
            ? path[(map.Length + 2)..^2]
            : null;

    private static string Lines(IReadOnlyDictionary<string, string>? map) => string.Join('\n', (map ?? new Dictionary<string, string>())
        .OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => $"{pair.Key}=\"{pair.Value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\""));
}
