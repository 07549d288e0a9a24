using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What controllers may write into a status: counts that add up and addresses that are some.</summary>
internal static class StatusValidation
{
    private const string NotMoreThanAll = "cannot be greater than status.replicas";
    private static readonly string[] ResizeStates =
        ["ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"];

    public static void Deployment(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var status = Status(obj);
        Counts(status, errors, "observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "collisionCount");
        NotMore(status, "replicas", NotMoreThanAll, errors, "updatedReplicas", "readyReplicas", "availableReplicas");
        NotMore(status, "readyReplicas", "cannot be greater than readyReplicas", errors, "availableReplicas");
        NotLess(status, Status(old), "collisionCount", errors);
    }

    public static void ReplicaSet(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var status = Status(obj);
        Counts(status, errors, "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration");
        NotMore(status, "replicas", NotMoreThanAll, errors, "fullyLabeledReplicas", "readyReplicas", "availableReplicas");
        NotMore(status, "readyReplicas", "cannot be greater than readyReplicas", errors, "availableReplicas");
    }

    public static void StatefulSet(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var status = Status(obj);
        Counts(status, errors, "replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas", "observedGeneration", "collisionCount");
        NotMore(status, "replicas", NotMoreThanAll, errors, "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas");
        NotMore(status, "readyReplicas", "cannot be greater than status.readyReplicas", errors, "availableReplicas");
        NotLess(status, Status(old), "collisionCount", errors);
    }

    public static void DaemonSet(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        Counts(
            Status(obj), errors, "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration",
            "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount");
        NotLess(Status(obj), Status(old), "collisionCount", errors);
    }

    public static void DisruptionBudget(JsonObject obj, JsonObject old, FieldErrors errors) =>
        Counts(Status(obj), errors, "currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods");

    public static void Autoscaler(JsonObject obj, JsonObject old, FieldErrors errors) => Counts(Status(obj), errors, "currentReplicas", "desiredReplicas");

    public static void Job(JsonObject obj, JsonObject old, FieldErrors errors) => Counts(Status(obj), errors, "active", "succeeded", "failed", "ready", "terminating");

    public static void Service(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var ingress = Status(obj).Object("loadBalancer")?.Items("ingress") ?? [];
        if (obj.Spec()?.Text("type") != "LoadBalancer" && ingress.Any())
        {
            errors.Forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'");
            return;
        }

        LoadBalancer(obj, old, errors, IpMode);
    }

    public static void Ingress(JsonObject obj, JsonObject old, FieldErrors errors) => LoadBalancer(obj, old, errors, static (_, _, _) => { });

    private static void LoadBalancer(JsonObject obj, JsonObject old, FieldErrors errors, Action<JsonObject, string, FieldErrors> more)
    {
        var known = (Status(old).Object("loadBalancer")?.Items("ingress") ?? []).Select(static one => one.Text("ip")).ToHashSet(StringComparer.Ordinal);
        foreach (var (index, ingress) in (Status(obj).Object("loadBalancer")?.Items("ingress") ?? []).Index())
        {
            var at = $"status.loadBalancer.ingress[{index}]";
            Rules.Optional(ingress, "ip", at, errors, ip => known.Contains(ip) ? null : AddressRules.Ip(ip));
            more(ingress, at, errors);
            Rules.Optional(ingress, "hostname", at, errors, ObjectNames.Dns1123Subdomain);
            Rules.Optional(ingress, "hostname", at, errors, static name => AddressRules.IsIp(name) ? "must be a DNS name, not an IP address" : null);
        }
    }

    private static void IpMode(JsonObject ingress, string path, FieldErrors errors)
    {
        if (ingress["ipMode"] is null)
        {
            if (ingress.Has("ip")) { errors.Required($"{path}.ipMode", "must be specified when `ip` is set"); }
        }
        else if (!ingress.Has("ip")) { errors.Forbidden($"{path}.ipMode", "may not be specified when `ip` is not set"); }
        else { Rules.OneOf(ingress, "ipMode", path, errors, "Proxy", "VIP"); }
    }

    public static void Quota(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        foreach (var part in (ReadOnlySpan<string>)["hard", "used"])
        {
            foreach (var (name, value) in Status(obj).Object(part) ?? [])
            {
                errors.Check($"status.{part}[{name}]", name, ObjectNames.QualifiedName(name));
                if (Quantity.TryParse(value?.ToString(), out var amount) && amount.Sign < 0)
                {
                    errors.Invalid($"status.{part}[{name}]", amount.ToString(), "must be greater than or equal to 0");
                }
            }
        }
    }

    public static void Claim(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        foreach (var (name, value) in Status(obj).Object("capacity") ?? [])
        {
            Amount(value, $"status.capacity[{name}]", errors);
        }

        foreach (var (name, progress) in Status(obj).Object("allocatedResourceStatuses") ?? [])
        {
            ClaimResource(name, "status.allocatedResourceStatus", errors);
            if (!ResizeStates.Contains(progress?.ToString(), StringComparer.Ordinal))
            {
                errors.NotSupported("status.allocatedResourceStatus", name, ResizeStates);
            }
        }

        foreach (var (name, value) in Status(obj).Object("allocatedResources") ?? [])
        {
            if (ClaimResource(name, "status.allocatedResources", errors))
            {
                Amount(value, $"status.allocatedResources[{name}]", errors);
            }
        }
    }

    private static void Amount(JsonNode? value, string path, FieldErrors errors)
    {
        if (Quantity.TryParse(value?.ToString(), out var amount) && amount.Sign < 0)
        {
            errors.Invalid(path, amount.Value, "must be a valid resource quantity");
        }
    }

    /// <summary>Of the resources without a domain of their own, a claim has one.</summary>
    private static bool ClaimResource(string name, string path, FieldErrors errors)
    {
        if (ObjectNames.QualifiedName(name) is { Count: > 0 } wrong)
        {
            errors.Check(path, name, wrong);
            return false;
        }

        if (name == "storage" || (name.Contains('/') && !name.Contains("kubernetes.io/", StringComparison.Ordinal)))
        {
            return true;
        }

        errors.NotSupported(path, name, ["storage"]);
        return false;
    }

    private static JsonObject Status(JsonObject obj) => obj.Object("status") ?? [];

    private static void Counts(JsonObject status, FieldErrors errors, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            Rules.NotNegative(status, field, "status", errors);
        }
    }

    private static void NotMore(JsonObject status, string most, string message, FieldErrors errors, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (status.Number(field) is { } count && count > (status.Number(most) ?? 0))
            {
                errors.Invalid($"status.{field}", count, message);
            }
        }
    }

    private static void NotLess(JsonObject status, JsonObject before, string field, FieldErrors errors)
    {
        if ((status.Number(field) ?? 0) < (before.Number(field) ?? 0))
        {
            errors.Invalid($"status.{field}", status.Number(field) ?? 0, "cannot be decremented");
        }
    }
}
