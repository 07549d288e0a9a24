using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

/// <summary>Sets members that are missing, null or an empty text.</summary>
internal static class TreeDefaults
{
    public static void Default(this JsonObject obj, string name, string value)
    {
        if (!obj.Has(name))
        {
            obj[name] = JsonValue.Create(value);
        }
    }

    /// <summary>For texts that are pointers upstream: an empty one is not missing, and validation will refuse it.</summary>
    public static void DefaultMissing(this JsonObject obj, string name, string value)
    {
        if (obj[name] is null)
        {
            obj[name] = JsonValue.Create(value);
        }
    }

    public static void Default(this JsonObject obj, string name, long value)
    {
        if (obj[name] is null)
        {
            obj[name] = JsonValue.Create(value);
        }
    }

    public static void Default(this JsonObject obj, string name, bool value)
    {
        if (obj[name] is null)
        {
            obj[name] = JsonValue.Create(value);
        }
    }

    /// <summary>For fields that are no pointers upstream: a zero counts as missing.</summary>
    public static void DefaultZero(this JsonObject obj, string name, long value)
    {
        if (obj.Number(name) is null or 0)
        {
            obj[name] = JsonValue.Create(value);
        }
    }

    /// <summary>Adds the entries of one map of quantities that another lacks.</summary>
    public static void DefaultEntries(this JsonObject obj, string name, JsonObject? from)
    {
        if (from is not { Count: > 0 })
        {
            return;
        }

        var map = obj.Ensure(name);
        foreach (var (key, value) in from)
        {
            if (!map.ContainsKey(key))
            {
                map[key] = value?.DeepClone();
            }
        }
    }
}
