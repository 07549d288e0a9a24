using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>Whether an object is of those that a quota is limited to: scopes are about pods, and one about claims.</summary>
internal static class QuotaScopes
{
    public static bool Match(JsonObject quota, ResourceInfo resource, JsonObject obj)
    {
        foreach (var scope in quota["spec"]?["scopes"] as JsonArray ?? [])
        {
            if (!Has(resource, obj, scope?.ToString())) { return false; }
        }

        foreach (var rule in quota["spec"]?["scopeSelector"]?["matchExpressions"] as JsonArray ?? [])
        {
            if (rule is not JsonObject said || !Matches(resource, obj, said)) { return false; }
        }

        return true;
    }

    private static bool Has(ResourceInfo resource, JsonObject obj, string? scope) => (resource.Group, resource.Kind) switch
    {
        ("", "Pod") => scope switch
        {
            "BestEffort" => PodQuality.Of(obj) == "BestEffort",
            "NotBestEffort" => PodQuality.Of(obj) != "BestEffort",
            "Terminating" => ObjectMeta.Number(obj["spec"], "activeDeadlineSeconds") is >= 0,
            "NotTerminating" => ObjectMeta.Number(obj["spec"], "activeDeadlineSeconds") is null,
            "PriorityClass" => Name(obj, "priorityClassName").Length > 0,
            "CrossNamespacePodAffinity" => WantsOtherNamespaces(obj),
            _ => false,
        },
        ("", "PersistentVolumeClaim") => scope == "VolumeAttributesClass" && Name(obj, "volumeAttributesClassName").Length > 0,
        _ => false,
    };

    private static bool Matches(ResourceInfo resource, JsonObject obj, JsonObject rule)
    {
        var name = (ObjectMeta.Text(rule, "scopeName"), resource.Kind) switch
        {
            ("PriorityClass", "Pod") => Name(obj, "priorityClassName"),
            ("VolumeAttributesClass", "PersistentVolumeClaim") => Name(obj, "volumeAttributesClassName"),
            _ => null,
        };
        if (name is null) { return Has(resource, obj, ObjectMeta.Text(rule, "scopeName")); }
        var listed = (rule["values"] as JsonArray ?? []).Any(value => value?.ToString() == name);
        return ObjectMeta.Text(rule, "operator") switch
        {
            "In" => listed,
            "NotIn" => !listed,
            "Exists" => name.Length > 0,
            "DoesNotExist" => name.Length == 0,
            _ => false,
        };
    }

    private static string Name(JsonObject obj, string field) => ObjectMeta.Text(obj["spec"], field);

    private static bool WantsOtherNamespaces(JsonObject pod)
    {
        foreach (var kind in (string[])["podAffinity", "podAntiAffinity"])
        {
            var affinity = pod["spec"]?["affinity"]?[kind];
            var required = affinity?["requiredDuringSchedulingIgnoredDuringExecution"] as JsonArray ?? [];
            var preferred = (affinity?["preferredDuringSchedulingIgnoredDuringExecution"] as JsonArray ?? []).Select(one => one?["podAffinityTerm"]);
            if (required.Concat(preferred).Any(term => term?["namespaces"] is JsonArray { Count: > 0 } || term?["namespaceSelector"] is not null)) { return true; }
        }

        return false;
    }
}
