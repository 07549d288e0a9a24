using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Authentication.Oidc;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.ClusterCore.ApiServer.Tests.Authentication;

/// <summary>A real OpenID Connect issuer on loopback: discovery, keys that change, and tokens signed with them.</summary>
internal sealed class IssuerServer : IAsyncDisposable
{
    private readonly X509Certificate2 certificate;
    private readonly X509Certificate2 authority = CertificateAuthority.CreateSelfSigned("issuer-authority", TimeProvider.System);
    private readonly WebApplication application;
    private RSA key = RSA.Create(2048);
    private string keyId = "first";

    private IssuerServer()
    {
        certificate = new CertificateAuthority(authority, TimeProvider.System).IssueServer("issuer", ["127.0.0.1"]);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        application = builder.Build();
        application.Run(HandleAsync);
    }

    public string Url => application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public JwtIssuer Trusted => new(new(Url), ["cluster"]) { Authorities = authority.ExportCertificatePem(), UsernameClaim = "email", UsernamePrefix = "oidc:", GroupsClaim = "groups", GroupsPrefix = "team:" };

    public static async Task<IssuerServer> StartAsync()
    {
        var server = new IssuerServer();
        await server.application.StartAsync();
        return server;
    }

    public void ChangeKey() => (key, keyId) = (RSA.Create(2048), "second");

    /// <param name="claims">Over the usual ones; null takes one away.</param>
    public string Token(string claims = "{}")
    {
        var all = new JsonObject
        {
            ["iss"] = Url,
            ["sub"] = "0815",
            ["aud"] = "cluster",
            ["exp"] = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds(),
            ["email"] = "ann@example.com",
            ["groups"] = new JsonArray("dev", "ops"),
        };
        foreach (var (name, value) in JsonNode.Parse(claims)!.AsObject())
        {
            all.Remove(name);
            if (value is not null) { all[name] = value.DeepClone(); }
        }

        var text = $"{Encode(new() { ["alg"] = "RS256", ["kid"] = keyId })}.{Encode(all)}";
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public async ValueTask DisposeAsync()
    {
        await application.DisposeAsync();
        authority.Dispose();
        certificate.Dispose();
        key.Dispose();
    }

    private Task HandleAsync(HttpContext context)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        JsonObject? answer = context.Request.Path.Value switch
        {
            "/.well-known/openid-configuration" => new() { ["issuer"] = Url, ["jwks_uri"] = $"{Url}/keys" },
            "/keys" => new()
            {
                ["keys"] = new JsonArray(new JsonObject
                {
                    ["kty"] = "RSA",
                    ["use"] = "sig",
                    ["kid"] = keyId,
                    ["n"] = Base64Url.EncodeToString(parameters.Modulus),
                    ["e"] = Base64Url.EncodeToString(parameters.Exponent),
                }),
            },
            _ => null,
        };
        context.Response.StatusCode = answer is null ? 404 : 200;
        return context.Response.WriteAsync(answer?.ToJsonString() ?? "");
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
