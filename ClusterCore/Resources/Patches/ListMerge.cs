using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Patches;

/// <summary>Merges a list by its merge key, or as a set of scalars, or replaces it: as the field's patch strategy says.</summary>
internal static class ListMerge
{
    public static void Merge(JsonObject target, string name, JsonArray patch, FieldSchema? field, JsonArray? removals, JsonArray? order)
    {
        if (field?.Merge != true || field.Value is not ListSchema list)
        {
            target[name] = Detached(patch);
            return;
        }

        var current = target[name] as JsonArray ?? [];
        target[name] = field.PatchMergeKey is { } mergeKey
            ? Ordered(MergeByKey(current, patch, mergeKey, list.Item!), order, item => Key(item, mergeKey))
            : Ordered(MergeScalars(current, patch, removals), order, static item => item?.ToJsonString(JsonCodec.NodeOptions));
    }

    private static JsonArray Detached(JsonArray patch)
    {
        var list = new JsonArray();
        foreach (var item in Take(patch))
        {
            // A list that replaces may still hold items with a directive; those say nothing here.
            if (item is JsonObject obj && obj.Remove(StrategicMerge.Directive) && obj.Count == 0)
            {
                continue;
            }

            list.Add(item);
        }

        return list;
    }

    private static List<JsonNode?> Take(JsonArray list)
    {
        var items = list.ToList();
        list.Clear();
        return items;
    }

    private static List<JsonNode?> MergeScalars(JsonArray current, JsonArray patch, JsonArray? removals)
    {
        var items = Take(current);
        foreach (var item in Take(patch))
        {
            if (!items.Any(existing => JsonNode.DeepEquals(existing, item)))
            {
                items.Add(item);
            }
        }

        return removals is null ? items : items.FindAll(item => !removals.Any(removal => JsonNode.DeepEquals(item, removal)));
    }

    private static List<JsonNode?> MergeByKey(JsonArray current, JsonArray patch, string mergeKey, ISchema item)
    {
        var items = Take(current);
        if (patch.OfType<JsonObject>().Any(static change => change.Count == 1 && change[StrategicMerge.Directive]?.ToString() == "replace"))
        {
            items.Clear();
        }

        foreach (var node in Take(patch))
        {
            var change = node as JsonObject ?? throw new PatchException($"expected an object with the merge key {mergeKey} in a list of the patch");
            var directive = change[StrategicMerge.Directive]?.ToString();
            if (change.Count == 1 && directive == "replace")
            {
                continue;
            }

            var key = Key(change, mergeKey)
                ?? throw new PatchException($"map: {change.ToJsonString(JsonCodec.NodeOptions)} does not contain declared merge key: {mergeKey}");
            var place = items.FindIndex(existing => Key(existing, mergeKey) == key);
            Merge(items, place, change, directive, item);
        }

        return items;
    }

    private static void Merge(List<JsonNode?> items, int place, JsonObject change, string? directive, ISchema item)
    {
        if (directive == "delete")
        {
            _ = place >= 0 && Remove(items, place);
        }
        else if (place < 0)
        {
            items.Add(StrategicMerge.Created(change, item));
        }
        else
        {
            items[place] = StrategicMerge.Merge((JsonObject)items[place]!, change, item);
        }
    }

    private static bool Remove(List<JsonNode?> items, int place)
    {
        items.RemoveAt(place);
        return true;
    }

    /// <summary>
    /// Without an order, what was there stays in front and what the patch adds follows. With one, the items it names come in its
    /// order, and an item only the server has stays behind the item it stood behind before.
    /// </summary>
    private static JsonArray Ordered(List<JsonNode?> items, JsonArray? order, Func<JsonNode?, string?> keyOf)
    {
        if (order is null)
        {
            return [.. items];
        }

        var wanted = order.Select((entry, rank) => (Key: keyOf(entry) ?? keyOf(null), rank))
            .DistinctBy(static entry => entry.Key).ToDictionary(static entry => entry.Key ?? "", static entry => entry.rank, StringComparer.Ordinal);
        var result = new JsonArray();
        var listed = items.Where(item => wanted.ContainsKey(keyOf(item) ?? "")).OrderBy(item => wanted[keyOf(item) ?? ""]).ToList();
        var next = 0;
        foreach (var item in items)
        {
            // Server-only items keep their place among the others; each listed place is filled from the wanted order.
            result.Add(wanted.ContainsKey(keyOf(item) ?? "") ? listed[next++] : item);
        }

        return result;
    }

    private static string? Key(JsonNode? item, string mergeKey) =>
        item is JsonObject obj && obj[mergeKey] is { } key ? key.ToJsonString(JsonCodec.NodeOptions) : null;
}
