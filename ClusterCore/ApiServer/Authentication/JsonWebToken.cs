using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Flotilla.ClusterCore.ApiServer.Authentication;

/// <summary>A JWT in its three parts (RFC 7519, compact form); reading one says nothing about its signature.</summary>
internal sealed record JsonWebToken(JsonObject Header, JsonObject Claims, byte[] SignedText, byte[] Signature)
{
    private const int LongestAccepted = 16 * 1024;

    public string? KeyId => Text(Header, "kid");

    public string? Algorithm => Text(Header, "alg");

    public string? Issuer => Text(Claims, "iss");

    public string? Subject => Text(Claims, "sub");

    /// <summary><c>aud</c> is one string or a list of them.</summary>
    public IReadOnlyList<string> Audiences => Claims["aud"] switch
    {
        JsonArray many => [.. many.Select(one => one?.ToString() ?? "")],
        JsonValue one => [one.ToString()],
        _ => [],
    };

    public DateTimeOffset? ExpiresAt => Time("exp");

    public DateTimeOffset? NotBefore => Time("nbf");

    public static JsonWebToken? Read(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || token.Length > LongestAccepted) { return null; }
        try
        {
            var (header, claims) = (Part(parts[0]), Part(parts[1]));
            return header is null || claims is null
                ? null
                : new(header, claims, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]));
        }
        catch (Exception exception) when (exception is FormatException or System.Text.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>ES256: RFC 7518 §3.4 wants the signature as r and s side by side, which is .NET's own form.</summary>
    public static string SignEs256(JsonObject claims, ECDsa key, string keyId)
    {
        var header = new JsonObject { ["alg"] = "ES256", ["kid"] = keyId };
        var text = $"{Encode(header)}.{Encode(claims)}";
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }

    public bool IsSignedBy(ECDsa key) => Algorithm == "ES256" && key.VerifyData(SignedText, Signature, HashAlgorithmName.SHA256);

    public bool IsCurrent(DateTimeOffset now) => ExpiresAt > now && (NotBefore is null || NotBefore <= now.AddSeconds(10));

    /// <summary>A name that comes twice could be read as either (RFC 7519 §4): such a token is none.</summary>
    private static JsonObject? Part(string text)
    {
        var json = Base64Url.DecodeFromChars(text);
        // The parser looks at names and texts no sooner than they are asked for.
        return Utf8.IsValid(json) ? JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject : null;
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static string? Text(JsonObject part, string name) => part[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private DateTimeOffset? Time(string name) =>
        Claims[name] is JsonValue value && value.TryGetValue(out double seconds) && seconds is > 0 and < 253402300800
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : null;
}
