using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tests.Authentication;

/// <summary>What somebody who was only told the issuer can find out: whether a token is this cluster's.</summary>
[Collection(ServerCollection.Name)]
public sealed class IssuerDocumentTests(RunningServer server)
{
    [Fact]
    public async Task A_token_verifies_with_the_published_keys()
    {
        using var nobody = server.WithToken(null);
        var token = (await server.CreateAsync("/api/v1/namespaces/default/serviceaccounts/default/token", """{"spec":{"audiences":["vault"]}}"""))["status.token"];
        var parts = token.Split('.');
        var (header, claims) = (Part(parts[0]), Part(parts[1]));
        var configuration = await RunningServer.SendAsync(nobody, HttpMethod.Get, "/.well-known/openid-configuration", null, "");
        Assert.Equal(claims["iss"]!.ToString(), configuration["issuer"]);
        Assert.Contains(header["alg"]!.ToString(), configuration.Json["id_token_signing_alg_values_supported"]!.AsArray().Select(static one => one!.ToString()));
        var keys = await RunningServer.SendAsync(nobody, HttpMethod.Get, configuration["jwks_uri"], null, "");
        var key = keys.Json["keys"]!.AsArray().Single(key => key!["kid"]!.ToString() == header["kid"]!.ToString())!;
        Assert.Equal(("EC", "P-256", "sig", "ES256"), (key["kty"]!.ToString(), key["crv"]!.ToString(), key["use"]!.ToString(), key["alg"]!.ToString()));
        using var verifier = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = Bytes(key, "x"), Y = Bytes(key, "y") } });
        Assert.True(verifier.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
        claims["sub"] = "system:serviceaccount:kube-system:default";
        var forged = $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        Assert.False(verifier.VerifyData(Encoding.ASCII.GetBytes(forged), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
    }

    [Theory, InlineData("/.well-known/openid-configuration", "application/json"), InlineData("/openid/v1/jwks", "application/jwk-set+json")]
    public async Task The_documents_may_be_kept_for_an_hour(string path, string contentType)
    {
        using var response = await server.Admin.GetAsync(path);
        Assert.Equal(contentType, response.Content.Headers.ContentType!.ToString());
        Assert.Equal("public, max-age=3600", response.Headers.CacheControl!.ToString());
    }

    [Theory]
    [InlineData("""{"alg":"ES256","alg":"ES256"}""", "{}"), InlineData("""{"alg":"x"}""", """{"iss":"a","iss":"b"}"""), InlineData("""{"alg":1,"kid":[]}""", "[]")]
    [InlineData("{", "}"), InlineData("null", "null"), InlineData("""{"alg":"none"}""", """{"sub":"system:admin","exp":1e300}""")]
    public async Task What_only_looks_like_a_token_is_unauthorized(string header, string claims)
    {
        using var client = server.WithToken($"{Encode(header)}.{Encode(claims)}.AAAA");
        Assert.Equal(401, (await RunningServer.SendAsync(client, HttpMethod.Get, "/api", null, "")).Code);
    }

    [Fact]
    public async Task A_name_that_is_no_text_makes_no_token()
    {
        byte[] claims = [.. "{\"a"u8, 0xa2, .. "\":1,\"iss\":\"x\"}"u8];
        using var client = server.WithToken($"{Encode("""{"alg":"ES256"}""")}.{Base64Url.EncodeToString(claims)}.AAAA");
        Assert.Equal(401, (await RunningServer.SendAsync(client, HttpMethod.Get, "/version", null, "")).Code);
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static JsonObject Part(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();

    private static byte[] Bytes(JsonNode key, string name) => Base64Url.DecodeFromChars(key[name]!.ToString());
}
