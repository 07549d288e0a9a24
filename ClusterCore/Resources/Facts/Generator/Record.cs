using System.Text.Json;

namespace Flotilla.ClusterCore.Resources.Generator;

/// <summary>Varints and string references, one after the other.</summary>
internal sealed class Record(StringTable strings)
{
    private readonly List<byte> bytes = [];

    public int Length => bytes.Count;

    public void Number(int value)
    {
        var rest = (uint)value;
        while (rest >= 0x80)
        {
            bytes.Add((byte)(rest | 0x80));
            rest >>= 7;
        }

        bytes.Add((byte)rest);
    }

    public void Text(string? text) => Number(strings.Index(text ?? ""));

    public void Texts(IReadOnlyCollection<string> texts)
    {
        Number(texts.Count);
        foreach (var text in texts)
        {
            Text(text);
        }
    }

    public byte[] ToArray() => [.. bytes];
}

internal static class JsonFacts
{
    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() : null;

    public static bool Flag(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.GetBoolean();

    public static string[] Texts(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? [.. value.EnumerateArray().Select(static item => item.GetString()!)] : [];
}
