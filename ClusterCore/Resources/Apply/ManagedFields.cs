using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Apply;

/// <summary>One entry of metadata.managedFields. Appliers are told apart by name and subresource, updaters also by version.</summary>
internal sealed record ManagerEntry(string Name, string Operation, string ApiVersion, string Subresource, string? Time, FieldTree Fields)
{
    public bool IsApply => Operation == "Apply";

    public (string, string, string, string) Key => (Name, Operation, IsApply ? "" : ApiVersion, Subresource);

    /// <summary>As conflicts name it.</summary>
    public string Describe()
    {
        var name = FieldError.Quote(Name);
        name = Subresource.Length == 0 ? name : $"{name} with subresource {FieldError.Quote(Subresource)}";
        return IsApply ? name : $"{name} using {ApiVersion}";
    }
}

internal static class ManagedFields
{
    private const int MaxUpdaters = 10;
    private const string AncientChanges = "ancient-changes";

    /// <summary>Metadata that belongs to nobody.</summary>
    private static readonly string[] Unowned =
        ["f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid", "f:clusterName", "f:generation", "f:managedFields", "f:resourceVersion"];

    public static List<ManagerEntry> Read(JsonObject? obj) =>
        [.. (obj?.Metadata()?.Items("managedFields") ?? []).Where(static entry => entry.Text("operation") is "Apply" or "Update").Select(static entry =>
            new ManagerEntry(
                entry.Text("manager") ?? "", entry.Text("operation")!, entry.Text("apiVersion") ?? "", entry.Text("subresource") ?? "",
                entry.Text("time"), FieldsV1.Parse(entry.Object("fieldsV1"))))];

    /// <summary>A client that sends the list with one empty entry, or an empty list, wants it emptied.</summary>
    public static bool IsReset(JsonObject obj) =>
        obj.Metadata()?.List("managedFields") is [JsonObject { Count: 0 }] or { Count: 0 };

    public static void Write(JsonObject obj, List<ManagerEntry> entries)
    {
        var metadata = obj.Ensure("metadata");
        metadata.Remove("managedFields");
        entries.RemoveAll(static entry => entry.Fields.IsEmpty);
        if (entries.Count > 0)
        {
            metadata["managedFields"] = new JsonArray([.. Capped(entries).Order(Comparer).Select(Encode)]);
        }
    }

    /// <summary>What nobody owns is in no entry.</summary>
    public static FieldTree Strip(FieldTree fields, FieldManager manager)
    {
        fields.Remove("f:apiVersion");
        fields.Remove("f:kind");
        foreach (var name in manager.IgnoredFields)
        {
            fields.Remove(PathElements.Field(name));
        }

        if (fields.Find("f:metadata") is { } metadata)
        {
            metadata.IsMember = false;
            foreach (var element in Unowned)
            {
                metadata.Remove(element);
            }

            if (metadata.IsEmpty)
            {
                fields.Remove("f:metadata");
            }
        }

        return fields;
    }

    private static readonly Comparer<ManagerEntry> Comparer = Comparer<ManagerEntry>.Create(static (left, right) =>
        string.CompareOrdinal(left.Operation, right.Operation) is not 0 and var operation ? operation
        : string.CompareOrdinal(left.Time, right.Time) is not 0 and var time ? time
        : string.CompareOrdinal(left.Name, right.Name) is not 0 and var name ? name
        : string.CompareOrdinal(left.Subresource, right.Subresource));

    /// <summary>Beyond ten updaters the oldest of a version share one entry, so that the list cannot grow without end.</summary>
    private static IEnumerable<ManagerEntry> Capped(List<ManagerEntry> entries)
    {
        var updaters = entries.Where(static entry => !entry.IsApply).OrderBy(static entry => entry.Time, StringComparer.Ordinal).ToList();
        if (updaters.Count <= MaxUpdaters)
        {
            return entries;
        }

        var oldest = updaters.Take(updaters.Count - MaxUpdaters + 1).ToList();
        var merged = oldest.GroupBy(static entry => (entry.ApiVersion, entry.Subresource)).Select(static group =>
            group.Last() with { Name = AncientChanges, Fields = group.Select(static entry => entry.Fields).Aggregate(FieldTree.Union) });
        return entries.Except(oldest).Concat(merged);
    }

    private static JsonNode Encode(ManagerEntry entry)
    {
        var node = new JsonObject { ["manager"] = entry.Name, ["operation"] = entry.Operation, ["apiVersion"] = entry.ApiVersion };
        if (entry.Time is not null)
        {
            node["time"] = entry.Time;
        }

        node["fieldsType"] = "FieldsV1";
        node["fieldsV1"] = FieldsV1.Write(entry.Fields);
        if (entry.Subresource.Length > 0)
        {
            node["subresource"] = entry.Subresource;
        }

        return node;
    }
}
