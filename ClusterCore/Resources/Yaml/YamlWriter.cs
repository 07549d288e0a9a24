using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Flotilla.ClusterCore.Resources.Yaml;

internal static class YamlWriter
{
    public static byte[] Write(JsonNode node)
    {
        using var text = new StringWriter();
        var emitter = new Emitter(text, new EmitterSettings(2, int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, skipAnchorName: true));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(node, emitter);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(JsonNode? node, Emitter emitter)
    {
        switch (node)
        {
            case JsonObject obj:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, obj.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (name, value) in obj.OrderBy(static member => member.Key, StringComparer.Ordinal))
                {
                    WriteText(name, emitter);
                    Write(value, emitter);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list)
                {
                    Write(item, emitter);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case null:
                emitter.Emit(new Scalar("null"));
                break;
            default:
                WriteScalar(node.AsValue(), emitter);
                break;
        }
    }

    private static void WriteScalar(JsonValue value, Emitter emitter)
    {
        if (value.GetValueKind() == JsonValueKind.String)
        {
            WriteText(value.GetValue<string>(), emitter);
        }
        else
        {
            emitter.Emit(new Scalar(value.ToJsonString(JsonCodec.NodeOptions)));
        }
    }

    /// <summary>Quotes a text that would be read back as something else.</summary>
    private static void WriteText(string text, Emitter emitter)
    {
        var style = text.Contains('\n') ? ScalarStyle.Literal
            : text.Length == 0 || YamlScalars.IsNotText(text) ? ScalarStyle.DoubleQuoted
            : ScalarStyle.Any;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true));
    }
}
