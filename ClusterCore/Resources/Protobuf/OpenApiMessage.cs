using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Protobuf;

/// <summary>How a member of a document is put on the wire. <c>Any</c>: as YAML, of which JSON is a part.</summary>
internal enum OpenApiShape { Text, Texts, Flag, Integer, Number, Any, Anys, Message, Messages, MessageOrFlag, Map }

/// <param name="Wraps">Fields of the messages that wrap each value, outermost first.</param>
/// <param name="Entry">Of a map: the field of its (name, value) pairs.</param>
internal sealed record OpenApiField(
    string Name, int Number, OpenApiShape Shape, Func<OpenApiMessage>? Type = null, int[]? Wraps = null, int Entry = 0);

/// <param name="Extensions">The field that keeps the members whose names begin with <c>x-</c>; 0 when there is none.</param>
internal sealed record OpenApiMessage(OpenApiField[] Fields, int Extensions = 0)
{
    /// <summary>From the last field to the first: the writer runs backwards.</summary>
    public void Write(JsonObject obj, WireWriter writer)
    {
        if (Extensions > 0) { WriteExtensions(obj, writer); }
        foreach (var field in Fields.Reverse())
        {
            if (obj[field.Name] is { } value) { Write(field, value, writer); }
        }
    }

    private static void Write(OpenApiField field, JsonNode value, WireWriter writer)
    {
        switch (field.Shape)
        {
            case OpenApiShape.Texts or OpenApiShape.Anys or OpenApiShape.Messages:
                foreach (var item in value.AsArray().Reverse()) { WriteWrapped(field, item!, writer); }
                break;
            case OpenApiShape.Map:
                var start = writer.Length;
                foreach (var (name, item) in value.AsObject().Reverse()) { WriteEntry(field, name, item!, writer); }
                writer.Head(field.Number, writer.Length - start);
                break;
            default:
                WriteWrapped(field, value, writer);
                break;
        }
    }

    private static void WriteEntry(OpenApiField field, string name, JsonNode value, WireWriter writer)
    {
        var start = writer.Length;
        WriteWrapped(field with { Number = 2 }, value, writer);
        writer.TextField(1, name);
        writer.Head(field.Entry, writer.Length - start);
    }

    private static void WriteWrapped(OpenApiField field, JsonNode value, WireWriter writer)
    {
        // The value has the number of the innermost wrap, and each wrap that of the one around it.
        int[] numbers = [field.Number, .. field.Wraps ?? []];
        var start = writer.Length;
        WriteValue(field, value, numbers[^1], writer);
        for (var i = numbers.Length - 2; i >= 0; i--) { writer.Head(numbers[i], writer.Length - start); }
    }

    private static void WriteValue(OpenApiField field, JsonNode value, int number, WireWriter writer)
    {
        switch (field.Shape)
        {
            case OpenApiShape.Text or OpenApiShape.Texts: writer.TextField(number, value.ToString()); break;
            case OpenApiShape.Flag: writer.VarintField(number, value.GetValue<bool>() ? 1 : 0); break;
            case OpenApiShape.Integer: writer.VarintField(number, (long)Number(value)); break;
            case OpenApiShape.Number: writer.DoubleField(number, Number(value)); break;
            case OpenApiShape.Any or OpenApiShape.Anys: WriteAny(value, number, writer); break;
            case OpenApiShape.MessageOrFlag when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False:
                writer.VarintField(number + 1, value.GetValue<bool>() ? 1 : 0);
                break;
            default:
                var start = writer.Length;
                field.Type!().Write(value.AsObject(), writer);
                writer.Head(number, writer.Length - start);
                break;
        }
    }

    private void WriteExtensions(JsonObject obj, WireWriter writer)
    {
        foreach (var (name, value) in obj.Reverse())
        {
            if (value is null || !name.StartsWith("x-", StringComparison.Ordinal)) { continue; }
            var start = writer.Length;
            WriteAny(value, 2, writer);
            writer.TextField(1, name);
            writer.Head(Extensions, writer.Length - start);
        }
    }

    private static void WriteAny(JsonNode value, int number, WireWriter writer)
    {
        var start = writer.Length;
        writer.TextField(2, value.ToJsonString() + "\n");
        writer.Head(number, writer.Length - start);
    }

    private static double Number(JsonNode value) => double.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);
}
