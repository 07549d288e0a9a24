using System.Text.Json;

namespace Flotilla.ClusterCore.Resources.Json;

internal static class TypeMetaReader
{
    public static (string ApiVersion, string Kind) Read(ReadOnlySpan<byte> utf8)
    {
        var (apiVersion, kind) = ("", "");
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = JsonCodec.MaxDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return (apiVersion, kind);
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isApiVersion = reader.ValueTextEquals("apiVersion"u8);
                var isKind = reader.ValueTextEquals("kind"u8);
                reader.Read();
                if (reader.TokenType == JsonTokenType.String && (isApiVersion || isKind))
                {
                    (apiVersion, kind) = isKind ? (apiVersion, reader.GetString()!) : (reader.GetString()!, kind);
                }

                if (apiVersion.Length > 0 && kind.Length > 0)
                {
                    break;
                }

                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Whoever decodes the whole body says what is wrong with it.
            return (apiVersion, kind);
        }

        return (apiVersion, kind);
    }
}
