using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Flotilla.Portal.Cli.Output;

/// <summary>JSON as YAML, members in their order. Text that would read as something else is quoted.</summary>
internal static class YamlText
{
    public static string Of(JsonNode? node)
    {
        using var text = new StringWriter();
        new YamlStream(new YamlDocument(Convert(node))).Save(text, assignAnchors: false);
        return text.ToString().Replace("...\n", "").Replace("...\r\n", "").TrimEnd();
    }

    private static YamlNode Convert(JsonNode? node) => node switch
    {
        JsonObject members => new YamlMappingNode(
            members.Select(member => KeyValuePair.Create<YamlNode, YamlNode>(new YamlScalarNode(member.Key), Convert(member.Value)))),
        JsonArray items => new YamlSequenceNode(items.Select(Convert)),
        null => new YamlScalarNode("null"),
        JsonValue value when value.TryGetValue(out string? text) => Text(text),
        _ => new YamlScalarNode(node.ToJsonString()),
    };

    private static YamlScalarNode Text(string text) => new(text)
    {
        Style = ReadsAsText(text) ? YamlDotNet.Core.ScalarStyle.Any : YamlDotNet.Core.ScalarStyle.DoubleQuoted,
    };

    private static bool ReadsAsText(string text) =>
        text.Length > 0
        && char.IsAsciiLetter(text[0])
        && text.ToUpperInvariant() is not ("NULL" or "TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N");
}
