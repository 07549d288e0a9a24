using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What storage drivers say about themselves, about nodes and about what is left of their space.</summary>
internal static class CsiValidation
{
    private const int LongestNodeId = 192;
    private const long ShortestToken = 600;
    private const long LongestToken = 1L << 32;

    public static void Driver(JsonObject driver, FieldErrors errors)
    {
        var spec = driver.Spec() ?? [];
        Tokens(spec, errors);
        Rules.OneOf(spec, "fsGroupPolicy", "spec", errors, "File", "None", "ReadWriteOnceWithFSType");
        foreach (var mode in spec.Texts("volumeLifecycleModes").Where(static mode => mode is not ("Persistent" or "Ephemeral")))
        {
            errors.NotSupported("spec.volumeLifecycleModes", mode, ["Ephemeral", "Persistent"]);
        }
    }

    public static void DriverUnchanged(JsonObject driver, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (driver.Spec() ?? [], old.Spec() ?? []);
        if (!JsonNode.DeepEquals(spec["attachRequired"], before["attachRequired"]))
        {
            // Upstream's path, not the field's name.
            errors.Invalid("spec.attachedRequired", spec["attachRequired"], Rules.Immutable);
        }

        Rules.Unchanged(spec, before, "volumeLifecycleModes", "spec", errors);
    }

    public static void Node(JsonObject node, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var driver in node.Spec()?.Items("drivers") ?? [])
        {
            NodeDriver(driver, names, $"spec.drivers[{index++}]", errors);
        }
    }

    /// <summary>A driver comes and goes; while it is there, only how many volumes it takes may change.</summary>
    public static void NodeDriversUnchanged(JsonObject node, JsonObject old, FieldErrors errors)
    {
        var before = (old.Spec()?.Items("drivers") ?? []).ToLookup(static driver => driver.Text("name"), StringComparer.Ordinal);
        foreach (var driver in node.Spec()?.Items("drivers") ?? [])
        {
            if (before[driver.Text("name")].FirstOrDefault() is { } was && !JsonNode.DeepEquals(WithoutCount(driver), WithoutCount(was)))
            {
                errors.Invalid("CSINodeDriver", driver, Rules.Immutable);
            }
        }
    }

    public static void Capacity(JsonObject capacity, FieldErrors errors)
    {
        SelectorValidation.LabelSelector(capacity.Object("nodeTopology"), "nodeTopology", errors);
        var storageClass = capacity.Text("storageClassName") ?? "";
        errors.Check("storageClassName", storageClass, ObjectNames.Dns1123Subdomain(storageClass));
        foreach (var field in (ReadOnlySpan<string>)["capacity", "maximumVolumeSize"])
        {
            if (Quantity.TryParse(capacity.Text(field), out var size) && size.Sign < 0)
            {
                errors.Invalid(field, size.ToString(), "must be greater than or equal to 0");
            }
        }
    }

    public static void TopologyUnchanged(JsonObject capacity, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["nodeTopology", "storageClassName"])
        {
            if (!JsonNode.DeepEquals(capacity[field], old[field]))
            {
                errors.Invalid(field, capacity[field], Rules.Immutable);
            }
        }
    }

    private static void Tokens(JsonObject spec, FieldErrors errors)
    {
        var audiences = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var token in spec.Items("tokenRequests"))
        {
            var at = $"spec.tokenRequests[{index++}]";
            var audience = token.Text("audience") ?? "";
            if (!audiences.Add(audience))
            {
                errors.Duplicate($"{at}.audience", audience);
            }
            else if (token.Number("expirationSeconds") is < ShortestToken and var tooShort)
            {
                errors.Invalid($"{at}.expirationSeconds", tooShort, "may not specify a duration less than 10 minutes");
            }
            else if (token.Number("expirationSeconds") is > LongestToken and var tooLong)
            {
                errors.Invalid($"{at}.expirationSeconds", tooLong, "may not specify a duration larger than 2^32 seconds");
            }
        }
    }

    private static void NodeDriver(JsonObject driver, HashSet<string> names, string path, FieldErrors errors)
    {
        DriverNames.Driver(driver.Text("name"), $"{path}.name", errors);
        Rules.Required(driver, "nodeID", path, errors, static id => id.Length > LongestNodeId ? $"must be {LongestNodeId} characters or less" : null);
        Rules.NotNegative(driver.Object("allocatable") ?? [], "count", $"{path}.allocatable", errors);
        if (!names.Add(driver.Text("name") ?? ""))
        {
            errors.Duplicate($"{path}.name", driver.Text("name") ?? "");
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in driver.Texts("topologyKeys"))
        {
            if (key.Length == 0)
            {
                errors.Required(path);
            }

            if (!keys.Add(key))
            {
                errors.Duplicate(path, key);
            }

            errors.Check(path, driver["topologyKeys"], ObjectNames.QualifiedName(key));
        }
    }

    private static JsonNode WithoutCount(JsonObject driver)
    {
        var copy = driver.DeepClone().AsObject();
        copy.Remove("allocatable");
        return copy;
    }
}
