using System.Text.Json;

namespace Flotilla.ClusterCore.Resources.Generator;

/// <summary>
/// A type: flags (1 atomic, 2 has apiVersion and kind), number of fields, fields. A field: name, number, flags, value type,
/// then only what its flags announce. A value type below 16 is a scalar, from 16 on a type's place in the index plus 16.
/// </summary>
internal sealed class TypeWriter(StringTable strings, List<JsonProperty> messages, JsonElement openApi)
{
    private static readonly string[] Scalars = ["string", "bool", "int32", "int64", "double", "bytes"];

    private readonly Dictionary<string, int> places =
        messages.Select(static (message, place) => (message.Name, place)).ToDictionary(static at => at.Name, static at => at.place);

    public (byte[] Index, byte[] Records) Write()
    {
        var index = new Record(strings);
        var records = new Record(strings);
        index.Number(messages.Count);
        foreach (var message in messages)
        {
            index.Text(message.Name);
            index.Number(records.Length);
            WriteType(message, records);
        }

        return (index.ToArray(), records.ToArray());
    }

    private void WriteType(JsonProperty message, Record records)
    {
        var definition = openApi.TryGetProperty(OpenApiName(message.Name), out var found) ? found : default;
        var known = definition.ValueKind == JsonValueKind.Object;
        var fields = message.Value.GetProperty("fields");
        var typed = known && definition.TryGetProperty("properties", out var properties)
            && properties.TryGetProperty("apiVersion", out _) && properties.TryGetProperty("kind", out _)
            && !fields.EnumerateArray().Any(static field => string.Equals(field.Text("name"), "kind", StringComparison.Ordinal));
        var atomic = known && definition.Text("x-kubernetes-map-type") == "atomic";
        records.Number((atomic ? 1 : 0) | (typed ? 2 : 0));
        records.Number(fields.GetArrayLength());
        foreach (var field in fields.EnumerateArray())
        {
            WriteField(field, records);
        }
    }

    private void WriteField(JsonElement field, Record records)
    {
        records.Text(field.Text("json") ?? field.Text("name"));
        records.Number(field.GetProperty("number").GetInt32());
        var isMap = field.TryGetProperty("map", out var map);
        string?[] texts = [field.Text("patchStrategy"), field.Text("patchMergeKey"), field.Text("default"), field.Text("featureGate")];
        string[][] lists = [field.Texts("listMapKeys"), field.Texts("enum"), field.Texts("validation")];
        records.Number(Flags(field, isMap, texts, lists));
        records.Number(ValueType(isMap ? map[1].GetString()! : field.Text("type")!));
        foreach (var text in texts.Where(static text => text is not null))
        {
            records.Text(text);
        }

        foreach (var list in lists.Where(static list => list.Length > 0))
        {
            records.Texts(list);
        }
    }

    private static int Flags(JsonElement field, bool isMap, string?[] texts, string[][] lists)
    {
        bool[] bits =
        [
            field.Flag("repeated"), isMap, field.Flag("pointer"), field.Flag("omitempty"), field.Flag("optional"),
            field.Flag("required"), field.Flag("inline"), field.Flag("nullable"),
            .. texts.Select(static text => text is not null), .. lists.Select(static list => list.Length > 0),
            field.Text("listType") == "set", field.Text("listType") == "map",
            field.Text("listType") == "atomic" || field.Text("mapType") == "atomic" || field.Text("structType") == "atomic",
            field.Text("mapType") == "granular" || field.Text("structType") == "granular",
        ];
        return bits.Select(static (bit, place) => bit ? 1 << place : 0).Sum();
    }

    private int ValueType(string name) =>
        Array.IndexOf(Scalars, name) is >= 0 and var scalar ? scalar : places[name] + 16;

    /// <summary>k8s.io.apiextensions_apiserver.pkg… is io.k8s.apiextensions-apiserver.pkg… in OpenAPI.</summary>
    private static string OpenApiName(string name) =>
        "io.k8s." + name["k8s.io.".Length..].Replace('_', '-');
}
