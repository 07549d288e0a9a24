using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flotilla.ClusterCore.Client.Json;

/// <summary>Quantities by resource name; a quantity may stand as a number or as text.</summary>
public sealed class ResourceListConverter : JsonConverter<IReadOnlyDictionary<string, string>>
{
    public override IReadOnlyDictionary<string, string> Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var quantities = new Dictionary<string, string>(4, StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var resource = string.Intern(reader.GetString()!);
            reader.Read();
            quantities[resource] = reader.TokenType == JsonTokenType.Number
                ? Encoding.UTF8.GetString(reader.HasValueSequence ? System.Buffers.BuffersExtensions.ToArray(reader.ValueSequence) : reader.ValueSpan)
                : reader.GetString() ?? "";
        }
        return quantities;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (resource, quantity) in value)
        {
            writer.WriteString(resource, quantity);
        }
        writer.WriteEndObject();
    }
}
