using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>Where a webhook is, and whose signature on its certificate is good.</summary>
/// <param name="Service">Null: the host of the URL is dialed.</param>
/// <param name="Authorities">PEM, in base64 as it is written; empty: those the machine trusts.</param>
internal sealed record WebhookTarget(Uri Url, ServiceReference? Service, string Authorities)
{
    public static WebhookTarget Read(JsonObject config)
    {
        var authorities = config.Text("caBundle") ?? "";
        if (config.Object("service") is not { } service) { return new(new(config.Text("url")!), null, authorities); }
        var reference = new ServiceReference(service.Text("namespace") ?? "", service.Text("name") ?? "", (int)(service.Number("port") ?? 443));
        return new(new($"https://{reference.HostName}:{reference.Port}/{service.Text("path")?.TrimStart('/')}"), reference, authorities);
    }
}
