using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.ClusterCore.ApiServer.Tests.Admission.Webhooks;

/// <summary>A real webhook: HTTPS on a free loopback port, with a certificate of an authority of its own, answering as the test says.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly X509Certificate2 authority = CertificateAuthority.CreateSelfSigned("webhooks", TimeProvider.System);
    private readonly WebApplication application;
    private readonly Func<JsonObject, JsonObject?> answer;

    private WebhookServer(Func<JsonObject, JsonObject?> answer, string[] names)
    {
        this.answer = answer;
        var certificate = new CertificateAuthority(authority, TimeProvider.System).IssueServer("webhook", ["127.0.0.1", "localhost", .. names]);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        application = builder.Build();
        application.Run(HandleAsync);
    }

    public ConcurrentQueue<JsonObject> Requests { get; } = [];

    public int Port => new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public string Url => $"https://127.0.0.1:{Port}/review";

    /// <summary>What goes into <c>caBundle</c>.</summary>
    public string Authorities => Convert.ToBase64String(Encoding.ASCII.GetBytes(authority.ExportCertificatePem()));

    public string ClientConfig => $$"""{"url":"{{Url}}","caBundle":"{{Authorities}}"}""";

    /// <param name="answer">From the request to the response without its uid; null never answers.</param>
    public static async Task<WebhookServer> StartAsync(Func<JsonObject, JsonObject?> answer, params string[] names)
    {
        var server = new WebhookServer(answer, names);
        await server.application.StartAsync();
        return server;
    }

    public static JsonObject Allow() => new() { ["allowed"] = true };

    public static JsonObject Patch(string operations) => new()
    {
        ["allowed"] = true,
        ["patchType"] = "JSONPatch",
        ["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(operations)),
    };

    public static JsonObject Deny(string status) => new() { ["allowed"] = false, ["status"] = JsonNode.Parse(status) };

    public async ValueTask DisposeAsync()
    {
        await application.DisposeAsync();
        authority.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var review = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        var request = review["request"]!.DeepClone().AsObject();
        Requests.Enqueue(request);
        if (answer(request) is not { } response)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        if (response.ContainsKey("allowed")) { response["uid"] ??= request["uid"]!.ToString(); }
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(new JsonObject
        {
            ["apiVersion"] = review["apiVersion"]!.ToString(),
            ["kind"] = "AdmissionReview",
            ["response"] = response,
        }.ToJsonString());
    }
}
