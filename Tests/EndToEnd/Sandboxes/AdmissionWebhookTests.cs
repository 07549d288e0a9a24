using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;
using Flotilla.TestKit.Sandboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Flotilla.EndToEnd.Sandboxes;

/// <summary>A control plane is on no pod network, and yet asks a webhook that runs in a pod.</summary>
[Collection(SandboxCollection.Name)]
public sealed class AdmissionWebhookTests(TwoClusters clusters)
{
    private const string Configurations = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    private const int Port = 8443;

    private ApiClient Client => clusters.Ours.Client;

    [Fact]
    public async Task A_webhook_in_a_pod_decides_over_requests()
    {
        var pod = await clusters.Ours.RunPodAsync("webhook", "trap 'exit 0' TERM; while :; do sleep 1 & wait; done");
        using var certificate = CertificateFor("webhook.default.svc");
        using var listening = await NetworkNamespace.RunAsync(SandboxedCluster.NetworkNamespaceOf(pod), Listen);
        await using var server = await ServeAsync(listening, certificate);
        var service = new Service
        {
            Metadata = new() { Name = "webhook", Namespace = "default" },
            Spec = new() { Selector = A.Labels("app", "webhook"), Ports = [new() { Port = 443, TargetPort = Port }] },
        };
        (await Client.CreateAsync(Kinds.Services, service, CancellationToken.None)).OrThrow();
        Assert.Null((await Client.RequestAsync(HttpMethod.Post, Configurations, Configuration(certificate), CancellationToken.None)).Failure);
        try
        {
            // Its endpoints and the configuration take a moment to be seen; then no dry run with that label gets past it.
            var refusal = "";
            await Eventually.TrueAsync(
                async () => (refusal = await CreateMapAsync()).Contains("denied the request", StringComparison.Ordinal), $"the webhook is asked, not {refusal}", TimeSpan.FromSeconds(60));
            Assert.Equal("admission webhook \"pods.example.com\" denied the request: said the pod", refusal);
        }
        finally
        {
            await Client.RequestAsync(HttpMethod.Delete, $"{Configurations}/pods.example.com", new JsonObject(), CancellationToken.None);
        }
    }

    private async Task<string> CreateMapAsync()
    {
        var map = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "judged", ["labels"] = new JsonObject { ["judged"] = "yes" } },
        };
        return (await Client.RequestAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps?dryRun=All", map, CancellationToken.None)).Failure?.Message ?? "";
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Any, Port));
        socket.Listen();
        return socket;
    }

    private static async Task<WebApplication> ServeAsync(Socket listening, X509Certificate2 certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.ListenHandle((ulong)listening.SafeHandle.DangerousGetHandle(), listen => listen.UseHttps(certificate)));
        var application = builder.Build();
        application.Run(DenyAsync);
        await application.StartAsync();
        return application;
    }

    private static async Task DenyAsync(HttpContext context)
    {
        var review = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        var response = new JsonObject
        {
            ["uid"] = review["request"]!["uid"]!.ToString(),
            ["allowed"] = false,
            ["status"] = new JsonObject { ["code"] = 403, ["message"] = "said the pod" },
        };
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }.ToJsonString());
    }

    private static JsonObject Configuration(X509Certificate2 certificate) => JsonNode.Parse($$$"""
        {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"pods.example.com"},
         "webhooks":[{"name":"pods.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"failurePolicy":"Fail",
          "objectSelector":{"matchLabels":{"judged":"yes"}},
          "rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}],
          "clientConfig":{"service":{"namespace":"default","name":"webhook"},"caBundle":"{{{Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()))}}}"}}]}
        """)!.AsObject();

    private static X509Certificate2 CertificateFor(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
    }
}
