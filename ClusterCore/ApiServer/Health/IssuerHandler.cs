using System.Buffers.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Health;

/// <summary>What others need to check service account tokens: OpenID discovery and the public key (RFC 7517).</summary>
internal sealed class IssuerHandler(ServiceAccountTokens tokens)
{
    public Task ConfigurationAsync(ApiRequest request) => AnswerAsync(request, "application/json", new()
    {
        ["issuer"] = tokens.Issuer,
        ["jwks_uri"] = $"https://{request.Http.Request.Host}/openid/v1/jwks",
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
    });

    public Task KeysAsync(ApiRequest request)
    {
        var point = tokens.Key.ExportParameters(includePrivateParameters: false).Q;
        var key = new JsonObject
        {
            ["use"] = "sig",
            ["kty"] = "EC",
            ["kid"] = tokens.KeyId,
            ["crv"] = "P-256",
            ["alg"] = "ES256",
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
        };
        return AnswerAsync(request, "application/jwk-set+json", new() { ["keys"] = new JsonArray(key) });
    }

    /// <summary>Unlike all else these may be kept by whoever passes them on, for an hour.</summary>
    private static Task AnswerAsync(ApiRequest request, string contentType, JsonObject document) =>
        Answer.BytesAsync(request.Http, JsonCodec.Encode(document), contentType, cacheControl: "public, max-age=3600");
}
