using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Requests and limits of containers and pods.</summary>
internal static class ResourceValidation
{
    private static readonly string[] Standard = ["cpu", "memory", "ephemeral-storage"];

    /// <param name="ofPod">Of the pod as a whole, which shares fewer things than containers have.</param>
    public static void Requirements(JsonObject? resources, string path, FieldErrors errors, bool ofPod = false)
    {
        if (resources is null)
        {
            return;
        }

        var (limits, requests) = (resources.Object("limits") ?? [], resources.Object("requests") ?? []);
        foreach (var (name, value) in limits) { One(name, value, ofPod, $"{path}.limits", errors); }
        foreach (var (name, value) in requests)
        {
            One(name, value, ofPod, $"{path}.requests", errors);
            NotAboveLimit(name, value, limits, $"{path}.requests", errors);
        }

        string[] names = [.. limits.Select(static limit => limit.Key), .. requests.Select(static request => request.Key)];
        if (names.Any(static name => name.StartsWith("hugepages-", StringComparison.Ordinal)) && !names.Contains("cpu", StringComparer.Ordinal) && !names.Contains("memory", StringComparer.Ordinal))
        {
            errors.Forbidden(path, "HugePages require cpu or memory");
        }
    }

    public static void Quantities(JsonObject? resources, string path, FieldErrors errors)
    {
        foreach (var (name, value) in resources ?? []) { One(name, value, ofPod: false, path, errors); }
    }

    private static void One(string name, JsonNode? value, bool ofPod, string path, FieldErrors errors)
    {
        if (ofPod) { NameOfPod(name, $"{path}[{name}]", errors); }
        else { Name(name, ofContainers: true, $"{path}[{name}]", errors); }
        if (Quantity.TryParse(value?.ToString(), out var quantity)) { Amount(name, quantity, $"{path}[{name}]", errors); }
    }

    private static void Amount(string name, Quantity quantity, string path, FieldErrors errors)
    {
        if (quantity.Sign < 0)
        {
            errors.Invalid(path, quantity.ToString(), "must be greater than or equal to 0");
        }

        if (!IsNative(name) && quantity.MilliValue % 1000 != 0)
        {
            errors.Invalid(path, quantity.ToString(), "must be an integer");
        }
    }

    public static bool IsOvercommitAllowed(string name) => IsNative(name) && !name.StartsWith("hugepages-", StringComparison.Ordinal);

    private static bool IsStandard(string name) => Standard.Contains(name, StringComparer.Ordinal) || name.StartsWith("hugepages-", StringComparison.Ordinal);

    private static bool IsNative(string name) => !name.Contains('/') || name.Contains("kubernetes.io/", StringComparison.Ordinal);

    /// <param name="ofContainers">Claims and limits on them know storage as well.</param>
    public static void Name(string name, bool ofContainers, string path, FieldErrors errors)
    {
        if (ObjectNames.QualifiedName(name) is { Count: > 0 } invalid)
        {
            errors.Check(path, name, invalid);
            if (ofContainers && !name.Contains('/')) { errors.Invalid(path, name, "must be a standard resource for containers"); }
        }
        else if (!name.Contains('/') && !IsStandard(name) && (ofContainers || name is not ("storage" or "pods" or "services" or "replicationcontrollers" or "resourcequotas" or "secrets" or "configmaps" or "persistentvolumeclaims")))
        {
            if (name is not "storage") { errors.Invalid(path, name, "must be a standard resource type or fully qualified"); }
            if (ofContainers) { errors.Invalid(path, name, "must be a standard resource for containers"); }
        }
    }

    /// <summary>What a pod has beside its containers.</summary>
    public static bool IsOfPod(string name) => name is "cpu" or "memory" || name.StartsWith("hugepages-", StringComparison.Ordinal);

    private static void NameOfPod(string name, string path, FieldErrors errors)
    {
        var before = errors.List.Count;
        Name(name, ofContainers: false, path, errors);
        if (errors.List.Count == before && !IsOfPod(name)) { errors.NotSupported(path, name, ["cpu", "hugepages-", "memory"]); }
    }

    private static void NotAboveLimit(string name, JsonNode? request, JsonObject? limits, string path, FieldErrors errors)
    {
        if (!Quantity.TryParse(limits?.Text(name), out var limit) || !Quantity.TryParse(request?.ToString(), out var requested))
        {
            if (!IsOvercommitAllowed(name))
            {
                errors.Required(path.Replace(".requests", ".limits", StringComparison.Ordinal), "Limit must be set for non overcommitable resources");
            }

            return;
        }

        if (requested > limit)
        {
            errors.Invalid(path, requested.ToString(), $"must be less than or equal to {name} limit of {limit}");
        }
        else if (!IsOvercommitAllowed(name) && requested != limit)
        {
            errors.Invalid(path, requested.ToString(), $"must be equal to {name} limit of {limit}");
        }
    }
}
