using System.Text.Json;

namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>What selectors look at: an object's labels, and its scalar fields by path as they are asked for.</summary>
internal sealed class ObjectIndex
{
    private static readonly Dictionary<string, string> none = new(StringComparer.Ordinal);
    private Dictionary<string, string>? fields;
    private readonly ReadOnlyMemory<byte> value;

    private ObjectIndex(Dictionary<string, string> labels, ReadOnlyMemory<byte> value)
    {
        Labels = labels;
        this.value = value;
    }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public static ObjectIndex Read(ReadOnlyMemory<byte> value) => new(ReadLabels(value.Span), value);

    /// <summary>The value at a dotted path; a missing one is the empty string, as field selectors take it.</summary>
    public string Field(string path)
    {
        var known = fields;
        if (known is not null && known.TryGetValue(path, out var found)) { return found; }
        var text = ReadField(path);
        // Copied, not changed in place: several requests may ask at once.
        fields = new Dictionary<string, string>(known ?? none, StringComparer.Ordinal) { [path] = text };
        return text;
    }

    private string ReadField(string path)
    {
        using var document = JsonDocument.Parse(value);
        var at = document.RootElement;
        foreach (var segment in path.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(segment, out at)) { return ""; }
        }

        return at.ValueKind switch
        {
            JsonValueKind.String => at.GetString()!,
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number => at.GetRawText(),
            _ => "",
        };
    }

    /// <summary>Walks to <c>metadata.labels</c> and no further: metadata is the third member of every stored object.</summary>
    private static Dictionary<string, string> ReadLabels(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
        if (!Enter(ref reader, "metadata"u8, 0) || !Enter(ref reader, "labels"u8, 1)) { return none; }
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            labels[name] = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
        }

        return labels;
    }

    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> member, int depth)
    {
        if (depth == 0) { reader.Read(); }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(member);
            reader.Read();
            if (found) { return reader.TokenType == JsonTokenType.StartObject; }
            reader.Skip();
        }

        return false;
    }
}
