using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Flotilla.ClusterCore.Resources.Generator;

/// <summary>
/// Packs the JSON facts into one file that is read without parsing: a header of seven little-endian int32
/// (magic and the offsets of: strings, resources, type index, types, rbac, openapi), then those sections. Numbers are varints,
/// texts are indexes into the string table, and the two documents that are seldom read are Brotli streams.
/// </summary>
public static class FactsWriter
{
    public const int Magic = 0x31464b46;

    public static byte[] Write(string folder)
    {
        using var types = Parse(folder, "types.json");
        using var aggregator = Parse(folder, "aggregator-types.json");
        using var resources = Parse(folder, "resources.json");
        using var rbac = Parse(folder, "rbac-defaults.json");
        using var openApi = Parse(folder, "openapi-definitions.json");

        var strings = new StringTable();
        var messages = types.RootElement.GetProperty("types").EnumerateObject()
            .Concat(aggregator.RootElement.GetProperty("types").EnumerateObject())
            .OrderBy(static type => type.Name, StringComparer.Ordinal).ToList();
        var (index, records) = new TypeWriter(strings, messages, openApi.RootElement).Write();
        var kinds = ResourceWriter.Write(resources.RootElement.GetProperty("resources"), strings);

        return Assemble([strings.Write(), kinds, index, records, Compress(rbac), Compress(openApi)]);
    }

    private static JsonDocument Parse(string folder, string file) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, file)));

    private static byte[] Compress(JsonDocument document)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            brotli.Write(JsonSerializer.SerializeToUtf8Bytes(document.RootElement, FactsJson.Default.JsonElement));
        }

        return packed.ToArray();
    }

    private static byte[] Assemble(byte[][] sections)
    {
        using var file = new MemoryStream();
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(number, Magic);
        file.Write(number);
        var offset = 4 * (sections.Length + 1);
        foreach (var section in sections)
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, offset);
            file.Write(number);
            offset += section.Length;
        }

        foreach (var section in sections)
        {
            file.Write(section);
        }

        return file.ToArray();
    }
}

internal sealed class StringTable
{
    private readonly Dictionary<string, int> indexes = new(StringComparer.Ordinal) { [""] = 0 };
    private readonly List<string> texts = [""];

    public int Index(string text)
    {
        if (!indexes.TryGetValue(text, out var index))
        {
            indexes[text] = index = texts.Count;
            texts.Add(text);
        }

        return index;
    }

    /// <summary>int32 count, count + 1 int32 offsets into the UTF-8 that follows.</summary>
    public byte[] Write()
    {
        using var table = new MemoryStream();
        using var writer = new BinaryWriter(table, Encoding.UTF8);
        writer.Write(texts.Count);
        var offset = 0;
        foreach (var text in texts)
        {
            writer.Write(offset);
            offset += Encoding.UTF8.GetByteCount(text);
        }

        writer.Write(offset);
        texts.ForEach(text => writer.Write(Encoding.UTF8.GetBytes(text)));
        return table.ToArray();
    }
}
