using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class ClusterDefaults
{
    private const string NameLabel = "kubernetes.io/metadata.name";

    /// <summary>The name as a label lets selectors pick a namespace by its name.</summary>
    public static void Namespace(JsonObject @namespace)
    {
        if (@namespace.Name() is { Length: > 0 } name)
        {
            @namespace.Ensure("metadata").Ensure("labels")[NameLabel] = name;
        }

        @namespace.Ensure("status").Default("phase", "Active");
    }

    public static void Node(JsonObject node)
    {
        var status = node.Ensure("status");
        if (status["allocatable"] is null && status.Object("capacity") is { } capacity)
        {
            status["allocatable"] = capacity.DeepClone();
        }

        // One range by its older name is the first of all by their newer one, and wins where they differ.
        if (node.Spec() is not { } spec) { return; }
        var ranges = spec.Texts("podCIDRs").ToList();
        if (spec.Text("podCIDR") is { Length: > 0 } range)
        {
            if (ranges.Count == 0 || ranges[0] != range) { spec["podCIDRs"] = new JsonArray(range); }
        }
        else if (ranges.Count > 0) { spec["podCIDR"] = ranges[0]; }
    }

    /// <summary>What is written as text is kept as bytes, and never read back as text.</summary>
    public static void Secret(JsonObject secret)
    {
        secret.Default("type", "Opaque");
        if (secret.Object("stringData") is not { } texts) { return; }
        foreach (var (name, text) in texts) { secret.Ensure("data")[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text?.ToString() ?? "")); }
        secret.Remove("stringData");
    }

    /// <summary>For containers: the maximum is the default limit, that is the default request, and else the minimum is.</summary>
    public static void LimitRange(JsonObject limitRange)
    {
        foreach (var limit in limitRange.Spec()?.Items("limits").Where(static limit => limit.Text("type") == "Container") ?? [])
        {
            limit.DefaultEntries("default", limit.Object("max"));
            limit.DefaultEntries("defaultRequest", limit.Object("default"));
            limit.DefaultEntries("defaultRequest", limit.Object("min"));
        }
    }
}
