using System.Text.Json;

namespace Flotilla.ClusterCore.Resources.Generator;

internal static class ResourceWriter
{
    public static byte[] Write(JsonElement resources, StringTable strings)
    {
        var record = new Record(strings);
        record.Number(resources.GetArrayLength());
        foreach (var resource in resources.EnumerateArray())
        {
            foreach (var name in (ReadOnlySpan<string>)["group", "version", "kind", "plural", "singular"])
            {
                record.Text(resource.Text(name));
            }

            record.Number(resource.Flag("namespaced") ? 1 : 0);
            record.Texts(resource.Texts("verbs"));
            record.Texts(resource.Texts("shortNames"));
            record.Texts(resource.Texts("categories"));
            WriteSubresources(resource, record);
            WriteColumns(resource, record);
        }

        return record.ToArray();
    }

    private static void WriteSubresources(JsonElement resource, Record record)
    {
        JsonElement[] subresources = resource.TryGetProperty("subresources", out var list) ? [.. list.EnumerateArray()] : [];
        record.Number(subresources.Length);
        foreach (var subresource in subresources)
        {
            foreach (var name in (ReadOnlySpan<string>)["name", "kind", "group", "version"])
            {
                record.Text(subresource.Text(name));
            }

            record.Texts(subresource.Texts("verbs"));
        }
    }

    private static void WriteColumns(JsonElement resource, Record record)
    {
        JsonElement[] columns = resource.TryGetProperty("columns", out var list) ? [.. list.EnumerateArray()] : [];
        record.Number(columns.Length);
        foreach (var column in columns)
        {
            record.Text(column[0].GetString());
            record.Text(column[1].GetString());
            record.Text(column[2].GetString());
            record.Number(column[3].GetInt32());
        }
    }
}
