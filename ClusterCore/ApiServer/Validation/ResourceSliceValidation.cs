using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>The devices a driver offers, on a node, on nodes that are selected, or on all.</summary>
internal static partial class ResourceSliceValidation
{
    private const int MostDevices = 128;
    private const int MostAdvancedDevices = 64;
    private const int MostCounterSets = 8;
    private const int MostCounters = 32;
    private const int MostConsumptions = 2;
    private const int MostTaints = 16;
    private const int MostProperties = 32;
    private const int LongestAttribute = 64;
    private const string OneOfSlice = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
    private const string OneOfDevice =
        "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";

    public static void Slice(JsonObject slice, FieldErrors errors)
    {
        var spec = slice.Spec() ?? [];
        DriverNames.Driver(spec.Text("driver"), "spec.driver", errors);
        Pool(spec.Object("pool") ?? [], errors);
        var places = Places(spec, "spec", isSlice: true, errors);
        if (places.Count == 0)
        {
            errors.Required("spec", OneOfSlice);
        }
        else if (places.Count > 1)
        {
            errors.Invalid("spec", $"{{{string.Join(", ", places)}}}", $"{OneOfSlice}, but multiple fields are set");
        }

        if (spec["sharedCounters"] is not null && spec["devices"] is not null)
        {
            errors.Invalid("spec", "", "only one of `sharedCounters` or `devices` is allowed");
        }

        var isAdvanced = spec.Items("devices").Any(static device => device.List("taints") is { Count: > 0 } || device.List("consumesCounters") is { Count: > 0 });
        Sets.Unique(
            spec, "devices", isAdvanced ? MostAdvancedDevices : MostDevices, "spec", errors,
            (device, at, found) => Device(device, spec.Flag("perDeviceNodeSelection") == true, at, found), static device => device.Text("name") ?? "");
        Sets.Unique(spec, "sharedCounters", MostCounterSets, "spec", errors, static (set, at, found) => Counters(set, "name", at, found), static set => set.Text("name") ?? "");
    }

    public static void PlaceUnchanged(JsonObject slice, JsonObject old, FieldErrors errors)
    {
        Rules.Unchanged(slice.Spec()?.Object("pool"), old.Spec()?.Object("pool"), "name", "spec.pool", errors);
        Rules.Unchanged(slice.Spec(), old.Spec(), "driver", "spec", errors);
        Rules.Unchanged(slice.Spec(), old.Spec(), "nodeName", "spec", errors);
    }

    private static void Pool(JsonObject pool, FieldErrors errors)
    {
        DriverNames.Pool(pool.Text("name"), "spec.pool.name", errors);
        if ((pool.Number("resourceSliceCount") ?? 0) is <= 0 and var count)
        {
            errors.Invalid("spec.pool.resourceSliceCount", count, "must be greater than zero");
        }

        if (pool.Number("generation") is < 0 and var generation)
        {
            errors.Invalid("spec.pool.generation", generation, "must be greater than or equal to zero");
        }
    }

    /// <summary>Which of the ways to say where are used.</summary>
    private static List<string> Places(JsonObject holder, string path, bool isSlice, FieldErrors errors)
    {
        var places = new List<string>();
        if (holder.Text("nodeName") is { } node)
        {
            if (node.Length > 0)
            {
                places.Add("`nodeName`");
                errors.Check($"{path}.nodeName", node, ObjectNames.Dns1123Subdomain(node));
            }
            else
            {
                errors.Invalid($"{path}.nodeName", node, isSlice ? "must be either unset or set to a non-empty string" : "must not be empty");
            }
        }

        if (holder.Object("nodeSelector") is { } selector)
        {
            places.Add("`nodeSelector`");
            SelectorValidation.NodeSelector(selector, $"{path}.nodeSelector", errors);
            if (isSlice && selector.List("nodeSelectorTerms") is not { Count: 1 })
            {
                errors.Invalid($"{path}.nodeSelector.nodeSelectorTerms", selector["nodeSelectorTerms"], "must have exactly one node selector term");
            }
        }

        foreach (var field in isSlice ? (ReadOnlySpan<string>)["allNodes", "perDeviceNodeSelection"] : ["allNodes"])
        {
            if (holder.Flag(field) == true)
            {
                places.Add($"`{field}`");
            }
            else if (holder.Flag(field) == false)
            {
                errors.Invalid($"{path}.{field}", false, "must be either unset or set to true");
            }
        }

        return places;
    }

    private static void Device(JsonObject device, bool saysWhere, string path, FieldErrors errors)
    {
        var name = device.Text("name") ?? "";
        errors.Check($"{path}.name", name, ObjectNames.Dns1123Label(name));
        var (attributes, capacity) = (device.Object("attributes") ?? [], device.Object("capacity") ?? []);
        if (attributes.Count + capacity.Count > MostProperties)
        {
            errors.Invalid(path, attributes.Count + capacity.Count, $"the total number of attributes and capacities must not exceed {MostProperties}");
        }

        foreach (var (key, attribute) in attributes)
        {
            DriverNames.Qualified(key, $"{path}.attributes", errors);
            Attribute(attribute as JsonObject ?? [], $"{path}.attributes[{key}]", errors);
        }

        foreach (var (key, amount) in capacity)
        {
            DriverNames.Qualified(key, $"{path}.capacity", errors);
            if (amount is JsonObject one && one["requestPolicy"] is not null && device.Flag("allowMultipleAllocations") != true)
            {
                errors.Forbidden($"{path}.capacity[{key}].requestPolicy", "allowMultipleAllocations must be true");
            }
        }

        Sets.Each(device, "taints", MostTaints, path, errors, Taint);
        Sets.Unique(
            device, "consumesCounters", MostConsumptions, path, errors,
            static (use, at, found) => Counters(use, "counterSet", at, found), static use => use.Text("counterSet") ?? "");
        Place(device, saysWhere, path, errors);
    }

    private static void Place(JsonObject device, bool saysWhere, string path, FieldErrors errors)
    {
        if (!saysWhere)
        {
            if (device["nodeName"] is not null || device["nodeSelector"] is not null || device["allNodes"] is not null)
            {
                errors.Invalid(path, null, "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec");
            }

            return;
        }

        var places = Places(device, path, isSlice: false, errors);
        if (places.Count == 0)
        {
            errors.Required(path, OneOfDevice);
        }
        else if (places.Count > 1)
        {
            errors.Invalid(path, $"{{{string.Join(", ", places)}}}", OneOfDevice);
        }
    }

    private static void Attribute(JsonObject attribute, string path, FieldErrors errors)
    {
        if (attribute.Count == 0)
        {
            errors.Invalid(path, "", "exactly one value must be specified");
        }

        foreach (var field in (ReadOnlySpan<string>)["string", "version"])
        {
            var text = attribute.Text(field);
            if (field == "version" && text is not null && !SemanticVersion().IsMatch(text))
            {
                errors.Invalid($"{path}.version", text, "must be a string compatible with semver.org spec 2.0.0");
            }

            if (text?.Length > LongestAttribute)
            {
                errors.Add(FieldError.TooLong($"{path}.{field}", LongestAttribute));
            }
        }

        if (attribute.Count > 1)
        {
            errors.Invalid(path, attribute, "exactly one value must be specified");
        }
    }

    private static void Taint(JsonObject taint, string path, FieldErrors errors)
    {
        var key = taint.Text("key") ?? "";
        errors.Check($"{path}.key", key, ObjectNames.QualifiedName(key));
        Rules.Optional(taint, "value", path, errors, ObjectNames.LabelValue);
        Rules.RequiredOneOf(taint, "effect", path, errors, "NoExecute", "NoSchedule", "None");
    }

    private static void Counters(JsonObject set, string name, string path, FieldErrors errors)
    {
        Rules.Required(set, name, path, errors, ObjectNames.Dns1123Label);
        var counters = set.Object("counters") ?? [];
        if (counters.Count == 0)
        {
            errors.Required($"{path}.counters");
        }
        else if (counters.Count > MostCounters)
        {
            errors.Add(FieldError.TooMany($"{path}.counters", counters.Count, MostCounters));
        }
        else
        {
            foreach (var (key, _) in counters)
            {
                errors.Check($"{path}.counters", key, ObjectNames.Dns1123Label(key));
            }
        }
    }

    /// <summary>semver.org, 2.0.0.</summary>
    [GeneratedRegex(
        @"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?\z",
        RegexOptions.ECMAScript | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SemanticVersion();
}
