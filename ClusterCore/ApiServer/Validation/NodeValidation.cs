using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class NodeValidation
{
    private static readonly string[] Counted =
    [
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
    ];

    public static void Create(JsonObject node, FieldErrors errors)
    {
        Taints(node.Spec() ?? [], errors);
        Resources(node.Object("status") ?? [], errors);
        PodCidrs(node.Spec() ?? [], errors);
    }

    public static void Update(JsonObject node, JsonObject old, FieldErrors errors)
    {
        Create(node, errors);
        Addresses(node.Object("status") ?? [], errors);
        var (spec, before) = (node.Spec() ?? [], old.Spec() ?? []);
        if (before.Texts("podCIDRs").Any() && !spec.Texts("podCIDRs").SequenceEqual(before.Texts("podCIDRs"), StringComparer.Ordinal))
        {
            errors.Forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
        }

        if (before.Has("providerID") && spec.Text("providerID") != before.Text("providerID"))
        {
            errors.Forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid");
        }

        if ((spec.Text("externalID") ?? "") != (before.Text("externalID") ?? ""))
        {
            errors.Forbidden("spec.externalID", "may not be updated");
        }
    }

    public static void Status(JsonObject node, JsonObject old, FieldErrors errors)
    {
        Resources(node.Object("status") ?? [], errors);
        Addresses(node.Object("status") ?? [], errors);
    }

    /// <summary>Upstream looks for taints in the spec and says that it found them in the metadata.</summary>
    private static void Taints(JsonObject spec, FieldErrors errors)
    {
        var seen = new HashSet<(string?, string?)>();
        var index = 0;
        foreach (var taint in spec.Items("taints"))
        {
            var at = $"metadata.taints[{index++}]";
            errors.Check($"{at}.key", taint.Text("key") ?? "", ObjectNames.QualifiedName(taint.Text("key") ?? ""));
            errors.Check($"{at}.value", taint.Text("value") ?? "", ObjectNames.LabelValue(taint.Text("value") ?? ""));
            Rules.RequiredOneOf(taint, "effect", at, errors, "NoSchedule", "PreferNoSchedule", "NoExecute");
            if (!seen.Add((taint.Text("key"), taint.Text("effect"))))
            {
                errors.Add(FieldError.Duplicate(at, taint) with { Detail = "taints must be unique by key and effect pair" });
            }
        }
    }

    private static void Resources(JsonObject status, FieldErrors errors)
    {
        foreach (var part in (ReadOnlySpan<string>)["capacity", "allocatable"])
        {
            foreach (var (name, value) in status.Object(part) ?? [])
            {
                ResourceQuantity(name, value, $"status.{part}.{name}", errors);
            }
        }
    }

    internal static void ResourceQuantity(string name, JsonNode? value, string path, FieldErrors errors)
    {
        if (!Quantity.TryParse(value?.ToString(), out var amount))
        {
            return;
        }

        if (amount.Sign < 0)
        {
            errors.Invalid(path, amount.ToString(), "must be greater than or equal to 0");
        }

        if (IsCounted(name) && amount.MilliValue % 1000 != 0)
        {
            errors.Invalid(path, amount.ToString(), "must be an integer");
        }
    }

    /// <summary>What only comes in whole pieces: objects, and the extended resources that device plugins announce.</summary>
    private static bool IsCounted(string name) => Counted.Contains(name, StringComparer.Ordinal)
        || (name.Contains('/') && !name.Contains("kubernetes.io/", StringComparison.Ordinal) && !name.StartsWith("requests.", StringComparison.Ordinal));

    private static void Addresses(JsonObject status, FieldErrors errors)
    {
        var seen = new HashSet<(string?, string?)>();
        var index = 0;
        foreach (var address in status.Items("addresses"))
        {
            if (!seen.Add((address.Text("type"), address.Text("address"))))
            {
                errors.Duplicate($"status.addresses[{index}]", address);
            }

            index++;
        }
    }

    private static void PodCidrs(JsonObject spec, FieldErrors errors)
    {
        string[] cidrs = [.. spec.Texts("podCIDRs")];
        for (var i = 0; i < cidrs.Length; i++)
        {
            errors.Check($"spec.podCIDRs[{i}]", cidrs[i], AddressRules.Cidr(cidrs[i]));
        }

        if (cidrs.Length < 2) { return; }
        var bad = Array.FindIndex(cidrs, static cidr => AddressRules.Cidr(cidr) is not null);
        if (bad >= 0)
        {
            errors.Add(new(FieldErrorType.Internal, "spec.podCIDRs", "", $"invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[{bad}]: <nil> (invalid CIDR address: {cidrs[bad]})"));
        }

        if (bad >= 0 || cidrs.Length > 2 || cidrs[0].Contains(':') == cidrs[1].Contains(':'))
        {
            errors.Invalid("spec.podCIDRs", spec["podCIDRs"], "may specify no more than one CIDR for each IP family");
        }
    }
}
