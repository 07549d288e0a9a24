using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What of a pod its containers may be told of: fields, and the resources of a container.</summary>
internal static class FieldReferenceValidation
{
    private const string Sizes = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";

    private static readonly string[] known =
    [
        "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.restartPolicy",
        "spec.serviceAccountName", "spec.schedulerName", "status.phase", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", "spec.host",
    ];

    private static readonly string[] resources =
        ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];

    /// <param name="allowed">Sorted: fields that may be told whole. Of labels and annotations one by its key always may.</param>
    public static void Field(JsonObject reference, string[] allowed, string path, FieldErrors errors)
    {
        var (version, field) = (reference.Text("apiVersion") ?? "", reference.Text("fieldPath") ?? "");
        if (version.Length == 0) { errors.Required($"{path}.apiVersion"); }
        else if (field.Length == 0) { errors.Required($"{path}.fieldPath"); }
        else if (version != "v1") { errors.Invalid($"{path}.fieldPath", field, $"error converting fieldPath: unsupported pod version: {version}"); }
        else if (Subscript(field) is var (map, key))
        {
            switch (map)
            {
                case "metadata.labels": errors.Check(path, key, ObjectNames.QualifiedName(key)); break;
                case "metadata.annotations": errors.Check(path, key.ToLowerInvariant(), ObjectNames.QualifiedName(key.ToLowerInvariant())); break;
                default: errors.Invalid($"{path}.fieldPath", field, $"error converting fieldPath: field label does not support subscript: {field}"); break;
            }
        }
        else if (!known.Contains(field, StringComparer.Ordinal))
        {
            errors.Invalid($"{path}.fieldPath", field, $"error converting fieldPath: field label not supported: {field}");
        }
        else if ((field == "spec.host" ? "spec.nodeName" : field) is var told && !allowed.Contains(told, StringComparer.Ordinal))
        {
            errors.NotSupported($"{path}.fieldPath", told, allowed);
        }
    }

    /// <param name="inVolume">Then the container is named, elsewhere it is the one that asks.</param>
    public static void Resource(JsonObject reference, bool inVolume, string path, FieldErrors errors)
    {
        var resource = reference.Text("resource") ?? "";
        if (inVolume && !reference.Has("containerName")) { errors.Required($"{path}.containerName"); }
        else if (resource.Length == 0) { errors.Required($"{path}.resource"); }
        else if (!resources.Contains(resource, StringComparer.Ordinal) && !IsHugePages(resource)) { errors.NotSupported($"{path}.resource", resource, resources); }
        if (!Quantity.TryParse(reference.Text("divisor"), out var divisor) || divisor.Sign == 0) { return; }
        var wrong = resource switch
        {
            "limits.cpu" or "requests.cpu" => divisor.ToString() is "1m" or "1" ? null : "only divisor's values 1m and 1 are supported with the cpu resource",
            _ when Sizes.Split(", ").Contains(divisor.ToString(), StringComparer.Ordinal) => null,
            "limits.memory" or "requests.memory" => $"only divisor's values {Sizes} are supported with the memory resource",
            "limits.ephemeral-storage" or "requests.ephemeral-storage" => $"only divisor's values {Sizes} are supported with the local ephemeral storage resource",
            _ when IsHugePages(resource) => $"only divisor's values {Sizes} are supported with the hugepages resource",
            _ => null,
        };
        errors.Check($"{path}.divisor", resource, wrong);
    }

    private static bool IsHugePages(string resource) =>
        resource.StartsWith("limits.hugepages-", StringComparison.Ordinal) || resource.StartsWith("requests.hugepages-", StringComparison.Ordinal);

    /// <summary>Of <c>metadata.labels['app']</c> both parts.</summary>
    private static (string Map, string Key)? Subscript(string field) =>
        field.EndsWith("']", StringComparison.Ordinal) && field.IndexOf("['", StringComparison.Ordinal) is > 0 and var at && at + 2 <= field.Length - 2
            ? (field[..at], field[(at + 2)..^2])
            : null;
}
