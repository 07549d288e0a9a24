using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What a kubelet may say of a pod: containers that ended for good do not come back, addresses are one of each family.</summary>
internal static class PodStatusValidation
{
    public static void Status(JsonObject pod, JsonObject old, FieldErrors errors)
    {
        var (status, before, spec) = (pod.Object("status") ?? [], old.Object("status") ?? [], old.Spec() ?? []);
        foreach (var (index, condition) in status.Items("conditions").Index())
        {
            var type = condition.Text("type") ?? "";
            // Upstream's path.
            if (type is not ("PodScheduled" or "Ready" or "Initialized")) { errors.Check($"metadata.conditions[{index}].Type", type, ObjectNames.QualifiedName(type)); }
        }

        if (status.Text("nominatedNodeName") is { Length: > 0 } node && node != before.Text("nominatedNodeName")) { errors.Check("status.nominatedNodeName", node, ObjectNames.Dns1123Subdomain(node)); }
        if (before.Has("qosClass")) { Rules.Unchanged(status, before, "qosClass", "status", errors); }
        foreach (var list in (ReadOnlySpan<string>)["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"]) { Ended(status, before, spec, list, errors); }
        Claims(status, spec, errors);
        Addresses(status, "podIPs", errors);
        if (status.Items("hostIPs").FirstOrDefault() is { } first && first.Text("ip") != status.Text("hostIP")) { errors.Invalid("status.hostIPs[0].ip", first.Text("ip"), "must be equal to `hostIP`"); }
        Addresses(status, "hostIPs", errors);
    }

    private static void Ended(JsonObject status, JsonObject before, JsonObject spec, string list, FieldErrors errors)
    {
        // Nobody restarts containers for debugging.
        var policy = list.StartsWith("ephemeral", StringComparison.Ordinal) ? "Never" : spec.Text("restartPolicy");
        if (policy == "Always") { return; }
        foreach (var (index, was) in before.Items(list).Index())
        {
            if (was.Object("state")?.Object("terminated") is not { } ended) { continue; }
            if (policy == "OnFailure" && (ended.Number("exitCode") ?? 0) != 0) { continue; }
            if (MayRestart(spec, was.Text("name"))) { continue; }
            if (status.Items(list).Any(now => now.Text("name") == was.Text("name") && now.Object("state")?["terminated"] is null))
            {
                errors.Forbidden($"status.{list}[{index}].state", "may not be transitioned to non-terminated state");
            }
        }
    }

    /// <summary>Sidecars, and containers with a policy or rules of their own.</summary>
    private static bool MayRestart(JsonObject spec, string? name) => spec.Items("initContainers").Concat(spec.Items("containers"))
        .FirstOrDefault(container => container.Text("name") == name) is { } container
        && (container.Text("restartPolicy") is "Always" or "OnFailure" || RestartsByRule(spec));

    /// <summary>A rule of one container may restart them all.</summary>
    private static bool RestartsByRule(JsonObject spec) => spec.Items("initContainers").Concat(spec.Items("containers")).Any(static container => container.List("restartPolicyRules") is { Count: > 0 });

    private static void Claims(JsonObject status, JsonObject spec, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, claim) in status.Items("resourceClaimStatuses").Index())
        {
            var (at, name) = ($"status.resourceClaimStatuses[{index}].name", claim.Text("name") ?? "");
            if (!spec.Items("resourceClaims").Any(one => one.Text("name") == name)) { errors.Invalid(at, name, "must match the name of an entry in `spec.resourceClaims`"); }
            if (!seen.Add(name)) { errors.Duplicate(at, name); }
            if (claim.Text("resourceClaimName") is { } own) { errors.Check(at, own, ObjectNames.Dns1123Subdomain(own)); }
        }
    }

    private static void Addresses(JsonObject status, string list, FieldErrors errors)
    {
        string[] addresses = [.. status.Items(list).Select(static one => one.Text("ip") ?? "")];
        foreach (var (index, address) in addresses.Index()) { errors.Check($"status.{list}[{index}]", address, AddressRules.Ip(address)); }
        if (addresses.Length < 2) { return; }
        if (addresses.Length > 2 || addresses.Count(static address => address.Contains(':')) != 1)
        {
            errors.Invalid($"status.{list}", status[list], "may specify no more than one IP for each IP family");
        }

        for (var i = 1; i < addresses.Length; i++)
        {
            if (addresses.AsSpan(0, i).Contains(addresses[i])) { errors.Duplicate($"status.{list}[{i}]", status.List(list)![i]); }
        }
    }
}
