using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Plans.Tests;

/// <summary>Speaks as much of the Kubernetes API as the platform asks of a new cluster, over TLS with the cluster's own CA.</summary>
public sealed class FakeControlPlane : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeControlPlane(WebApplication app) => this.app = app;

    /// <summary>Nodes that say they are Ready.</summary>
    public ConcurrentDictionary<string, bool> Nodes { get; } = new();

    /// <summary>Pods of whatever node is asked for, until they are evicted.</summary>
    public ConcurrentDictionary<string, bool> Pods { get; } = new();

    public ConcurrentQueue<string> Requests { get; } = new();

    public static async Task<FakeControlPlane> StartAsync(int port, IReadOnlyDictionary<string, string> pki)
    {
        using var ca = X509Certificate2.CreateFromPem(pki["ca.crt"], pki["ca.key"]);
        var server = ServerCertificate(ca);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = server;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => certificate.Issuer == server.Issuer;
        })));
        var fake = new FakeControlPlane(builder.Build());
        fake.app.Run(fake.AnswerAsync);
        await fake.app.StartAsync();
        return fake;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Requests.Enqueue($"{context.Request.Method} {path} by {context.Connection.ClientCertificate!.Subject}");
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync((context.Request.Method, path) switch
        {
            ("GET", "/readyz") => "ok",
            ("GET", "/api/v1/nodes") => List("NodeList", Nodes.Keys.Select(Node)).ToJsonString(),
            ("GET", "/api/v1/pods") => List("PodList", Pods.Keys.Select(Pod)).ToJsonString(),
            ("POST", _) when path.EndsWith("/eviction") => Evict(path.Split('/')[^2]),
            ("GET", _) when path.StartsWith("/api/v1/nodes/") => Node(path.Split('/')[^1]).ToJsonString(),
            _ => "{}",
        });
    }

    private string Evict(string pod)
    {
        Pods.TryRemove(pod, out _);
        return "{}";
    }

    private static JsonObject Pod(string name) => new()
    {
        ["kind"] = "Pod",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
    };

    private static JsonObject List(string kind, IEnumerable<JsonObject> items) => new()
    {
        ["kind"] = kind,
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject { ["resourceVersion"] = "1" },
        ["items"] = new JsonArray([.. items]),
    };

    private JsonObject Node(string name) => new()
    {
        ["kind"] = "Node",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = Nodes.GetValueOrDefault(name) ? "True" : "False" }),
        },
    };

    private static X509Certificate2 ServerCertificate(X509Certificate2 ca)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(ca, now.AddMinutes(-1), now.AddDays(1), [1]);
        using var withKey = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
