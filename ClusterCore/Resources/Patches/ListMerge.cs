using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Json;

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
        Func<JsonNode?, string?> keyOf = field.PatchMergeKey is { } key ? item => Key(item, key) : static item => item?.ToJsonString(JsonCodec.NodeOptions);
        if (order is not null) { CheckOrder(patch, order, keyOf); }
        var (before, wanted) = (current.Select(keyOf).ToList(), (order ?? patch).Select(keyOf).ToList());
        var merged = field.PatchMergeKey is { } mergeKey ? MergeByKey(current, patch, mergeKey, list.Item!) : MergeScalars(current, patch, removals);
        target[name] = Ordered(merged, before, wanted, keyOf);
    }

    /// <summary>The order names all that the patch brings, and in the same order.</summary>
    private static void CheckOrder(JsonArray patch, JsonArray order, Func<JsonNode?, string?> keyOf)
    {
        var (wanted, next) = (order.Select(keyOf).ToList(), 0);
        foreach (var item in patch)
        {
            if (item is JsonObject obj && obj.ContainsKey(StrategicMerge.Directive)) { continue; }
            next = wanted.IndexOf(keyOf(item), next) + 1;
            if (next > 0) { continue; }
            throw new PatchException($"The order in patch list:\n{GoFormat.Of(patch)}\n doesn't match {StrategicMerge.SetElementOrder} list:\n{GoFormat.Of(order)}\n");
        }
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

            CheckDirective(change, directive);
            var key = Key(change, mergeKey)
                ?? throw new PatchException($"map: {GoFormat.Of(change)} does not contain declared merge key: {mergeKey}");
            var place = items.FindIndex(existing => Key(existing, mergeKey) == key);
            Merge(items, place, change, directive, item);
        }

        return items;
    }

    private static void CheckDirective(JsonObject change, string? directive)
    {
        if (directive == "merge") { throw new PatchException("merging lists cannot yet be specified in the patch"); }
        if (directive is not (null or "delete" or "replace")) { throw new PatchException($"unknown patch type: {directive} in map: {GoFormat.Of(change)}"); }
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
    /// What the patch names comes in the wanted order, which without one of its own is the patch's; an item only the server has comes
    /// before the first of these that it stood before, or last. So what a patch adds comes first.
    /// </summary>
    private static JsonArray Ordered(List<JsonNode?> merged, List<string?> before, List<string?> wanted, Func<JsonNode?, string?> keyOf)
    {
        var ranks = Places(wanted);
        var places = Places(before);
        var named = merged.Where(item => ranks.ContainsKey(keyOf(item) ?? "")).OrderBy(item => ranks[keyOf(item) ?? ""]).ToList();
        var others = new Queue<JsonNode?>(merged.Where(item => !ranks.ContainsKey(keyOf(item) ?? "")));
        var result = new JsonArray();
        foreach (var item in named)
        {
            var place = places.GetValueOrDefault(keyOf(item) ?? "", -1);
            while (others.TryPeek(out var other) && places.GetValueOrDefault(keyOf(other) ?? "", int.MaxValue) < place) { result.Add(others.Dequeue()); }
            result.Add(item);
        }

        foreach (var other in others) { result.Add(other); }
        return result;
    }

    private static Dictionary<string, int> Places(List<string?> keys)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (place, key) in keys.Index()) { places.TryAdd(key ?? "", place); }
        return places;
    }

    private static string? Key(JsonNode? item, string mergeKey) =>
        item is JsonObject obj && obj[mergeKey] is { } key ? key.ToJsonString(JsonCodec.NodeOptions) : null;
}
