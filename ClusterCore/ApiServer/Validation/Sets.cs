using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Lists with a greatest length, of things that may be told apart by a key. A list that is too long is not looked into.</summary>
internal static class Sets
{
    public static void Each(JsonObject holder, string name, int most, string path, FieldErrors errors, Action<JsonObject, string, FieldErrors> item)
    {
        if (IsTooLong(holder, name, most, path, errors))
        {
            return;
        }

        var index = 0;
        foreach (var one in holder.Items(name))
        {
            item(one, $"{Rules.At(path, name)}[{index++}]", errors);
        }
    }

    public static void Unique(
        JsonObject holder, string name, int most, string path, FieldErrors errors, Action<JsonObject, string, FieldErrors> item, Func<JsonObject, string> key)
    {
        Each(holder, name, most, path, errors, item);
        if (holder.List(name)?.Count <= most)
        {
            Duplicates(holder.Items(name).Select(key), Rules.At(path, name), errors);
        }
    }

    public static void UniqueTexts(JsonObject holder, string name, int most, string path, FieldErrors errors, Action<string, string, FieldErrors> item)
    {
        if (IsTooLong(holder, name, most, path, errors))
        {
            return;
        }

        var index = 0;
        foreach (var text in holder.Texts(name))
        {
            item(text, $"{Rules.At(path, name)}[{index++}]", errors);
        }

        Duplicates(holder.Texts(name), Rules.At(path, name), errors);
    }

    private static void Duplicates(IEnumerable<string> keys, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var key in keys)
        {
            if (!seen.Add(key))
            {
                errors.Duplicate($"{path}[{index}]", key);
            }

            index++;
        }
    }

    private static bool IsTooLong(JsonObject holder, string name, int most, string path, FieldErrors errors)
    {
        if (holder.List(name)?.Count is not { } count || count <= most)
        {
            return false;
        }

        errors.Add(FieldError.TooMany(Rules.At(path, name), count, most));
        return true;
    }
}
