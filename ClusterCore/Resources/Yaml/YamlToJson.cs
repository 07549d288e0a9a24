using System.Buffers;
using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Flotilla.ClusterCore.Resources.Yaml;

/// <summary>One YAML document as JSON text. Anchors are followed with a limit, so that a small document cannot grow large.</summary>
internal sealed class YamlToJson
{
    private const int MaxEvents = 2_000_000;
    private const int MaxAliasedEvents = 100_000;

    private readonly Dictionary<AnchorName, List<ParsingEvent>> anchors = [];
    private readonly List<string> duplicates = [];
    private readonly Utf8JsonWriter writer;
    private int aliased;

    private YamlToJson(Utf8JsonWriter writer) => this.writer = writer;

    /// <returns>Null with the error.</returns>
    public static byte[]? Convert(ReadOnlySpan<byte> utf8, out IReadOnlyList<string> duplicates, out string? error)
    {
        duplicates = [];
        var output = new ArrayBufferWriter<byte>(utf8.Length + 64);
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        try
        {
            var events = ReadDocument(utf8);
            var converter = new YamlToJson(json);
            converter.Write(events);
            json.Flush();
            (duplicates, error) = (converter.duplicates, null);
            return output.WrittenSpan.ToArray();
        }
        catch (YamlException broken)
        {
            error = $"error converting YAML to JSON: yaml: line {broken.Start.Line}: {broken.Message}";
            return null;
        }
        catch (Exception unexpected) when (unexpected is not OutOfMemoryException)
        {
            // The scanner of YamlDotNet runs over its own buffers on some broken inputs (found by fuzzing).
            error = $"error converting YAML to JSON: yaml: line 0: {unexpected.Message}";
            return null;
        }
    }

    /// <summary>The events of the first document, checked for size and depth before anything is written.</summary>
    private static List<ParsingEvent> ReadDocument(ReadOnlySpan<byte> utf8)
    {
        using var text = new StringReader(Encoding.UTF8.GetString(utf8));
        var parser = new Parser(text);
        var events = new List<ParsingEvent>();
        var depth = 0;
        while (parser.MoveNext() && parser.Current is not DocumentEnd)
        {
            var current = parser.Current!;
            depth += current.NestingIncrease;
            if (depth > JsonCodec.MaxDepth || events.Count > MaxEvents)
            {
                throw new YamlException(current.Start, current.End, depth > JsonCodec.MaxDepth ? "exceeded max depth" : "document is too large");
            }

            if (current is Scalar or MappingStart or MappingEnd or SequenceStart or SequenceEnd or AnchorAlias)
            {
                events.Add(current);
            }
        }

        return events;
    }

    private void Write(List<ParsingEvent> events)
    {
        if (events.Count == 0)
        {
            writer.WriteNullValue();
            return;
        }

        WriteNode(events, 0, 0);
    }

    /// <returns>The place after the node.</returns>
    private int WriteNode(List<ParsingEvent> events, int at, int depth)
    {
        var node = events[at];
        if (node is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            anchors[anchored.Anchor] = events.GetRange(at, End(events, at) - at);
        }

        switch (node)
        {
            case MappingStart:
                return WriteMapping(events, at + 1, depth);
            case SequenceStart:
                writer.WriteStartArray();
                for (at++; events[at] is not SequenceEnd;)
                {
                    at = WriteNode(events, at, depth + 1);
                }

                writer.WriteEndArray();
                return at + 1;
            case AnchorAlias alias:
                var target = Follow(alias);
                WriteNode(target, 0, Deeper(alias, depth));
                return at + 1;
            default:
                WriteScalar((Scalar)node);
                return at + 1;
        }
    }

    private int WriteMapping(List<ParsingEvent> events, int at, int depth)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        writer.WriteStartObject();
        var merges = new List<(List<ParsingEvent> Events, int At)>();
        while (events[at] is not MappingEnd)
        {
            var key = events[at] is AnchorAlias alias ? Follow(alias)[0] as Scalar : events[at] as Scalar;
            if (key is null)
            {
                throw new YamlException(events[at].Start, events[at].End, "a key of a mapping must be a scalar");
            }

            at++;
            if (key is { Value: "<<", Style: ScalarStyle.Plain })
            {
                merges.Add((events, at));
                at = End(events, at);
                continue;
            }

            if (!seen.Add(key.Value))
            {
                duplicates.Add($"yaml: unmarshal errors:\n  line {key.Start.Line}: key {FieldError.Quote(key.Value)} already set in map");
            }

            writer.WritePropertyName(key.Value);
            at = WriteNode(events, at, depth + 1);
        }

        merges.ForEach(merge => WriteMerge(merge.Events, merge.At, seen, depth));
        writer.WriteEndObject();
        return at + 1;
    }

    /// <summary>&lt;&lt;: *base — members of the base that the mapping does not set itself.</summary>
    private void WriteMerge(List<ParsingEvent> events, int at, HashSet<string> seen, int depth)
    {
        if (events[at] is AnchorAlias alias)
        {
            depth = Deeper(alias, depth);
            (events, at) = (Follow(alias), 0);
        }

        switch (events[at])
        {
            case SequenceStart:
                for (at++; events[at] is not SequenceEnd; at = End(events, at))
                {
                    WriteMerge(events, at, seen, depth);
                }

                break;
            case MappingStart:
                for (at++; events[at] is Scalar key; at = End(events, at))
                {
                    at++;
                    if (seen.Add(key.Value))
                    {
                        writer.WritePropertyName(key.Value);
                        WriteNode(events, at, depth + 1);
                    }
                }

                break;
            default:
                throw new YamlException(events[at].Start, events[at].End, "map merge requires map or sequence of maps as the value");
        }
    }

    private List<ParsingEvent> Follow(AnchorAlias alias)
    {
        if (!anchors.TryGetValue(alias.Value, out var target))
        {
            throw new YamlException(alias.Start, alias.End, $"unknown anchor '{alias.Value}' referenced");
        }

        aliased += target.Count;
        return aliased <= MaxAliasedEvents ? target : throw new YamlException(alias.Start, alias.End, "document contains excessive aliasing");
    }

    private static int Deeper(AnchorAlias alias, int depth) =>
        depth < JsonCodec.MaxDepth ? depth + 1 : throw new YamlException(alias.Start, alias.End, "exceeded max depth");

    private static int End(List<ParsingEvent> events, int at)
    {
        var depth = 0;
        do
        {
            depth += events[at].NestingIncrease;
            at++;
        }
        while (depth > 0);
        return at;
    }

    private void WriteScalar(Scalar scalar)
    {
        if (scalar.Style == ScalarStyle.Plain && (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific))
        {
            YamlScalars.Write(scalar.Value, writer);
        }
        else
        {
            writer.WriteStringValue(scalar.Value);
        }
    }
}
