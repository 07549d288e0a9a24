using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>Passes logs, exec, attach and port-forward on to the kubelet of the pod's node, and <c>/proxy</c> to pods, services and nodes.</summary>
internal sealed class NodeProxy(
    ObjectStore objects, AdmissionChain admission, KubeletDialer dialer, ServiceDialer backends, HttpRelay relay, X509Certificate2 clientCertificate)
{
    private static readonly GroupResource pods = new("", "pods");
    private readonly UpgradeTunnel tunnel = new(dialer, clientCertificate);

    public async Task HandleAsync(Scope scope)
    {
        if (ConnectOptions.Of(scope) is { } options) { await admission.AdmitAsync(new(scope, Operation.Connect, options, null)); }
        await ((scope.Request.Info.Subresource, scope.Resource.Kind) switch
        {
            ("proxy", "Node") => NodeAsync(scope),
            ("proxy", _) => BackendAsync(scope),
            _ => PodStreamAsync(scope),
        });
    }

    private async Task PodStreamAsync(Scope scope)
    {
        var name = scope.Request.Info.Name;
        var pod = (await objects.GetAsync(new(pods, scope.Request.Info.Namespace, name), scope.Aborted) ?? throw scope.NotFound(name)).Parse();
        var node = ObjectMeta.Text(pod["spec"], "nodeName");
        if (node.Length == 0) { throw Refusal.BadRequest($"pod {name} does not have a host assigned"); }
        var path = PodStreams.PathOf(scope, pod);
        var kubelet = await KubeletAddress.OfNodeAsync(objects, node, scope.Aborted);
        await PassAsync(scope, kubelet, path);
    }

    private async Task NodeAsync(Scope scope)
    {
        var (_, name, port) = ProxyTarget.Parse(scope.Request.Info.Name);
        var kubelet = await KubeletAddress.OfNodeAsync(objects, name, scope.Aborted);
        if (int.TryParse(port, out var number)) { kubelet = kubelet with { Port = number }; }
        await PassAsync(scope, kubelet, ProxyTarget.PathOf(scope));
    }

    private Task PassAsync(Scope scope, KubeletAddress kubelet, string path)
    {
        var context = scope.Request.Http;
        var wantsUpgrade = context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true;
        if (wantsUpgrade) { return tunnel.RunAsync(context, kubelet, path); }
        if (scope.Request.Info.Subresource is "exec" or "attach" or "portforward") { throw Refusal.BadRequest("Upgrade request required"); }
        return relay.RunAsync(context, new Uri($"https://{dialer.Authority(kubelet)}{path}"), refusalsAsStatus: scope.Request.Info.Subresource == "log");
    }

    private async Task BackendAsync(Scope scope)
    {
        var (scheme, name, port) = ProxyTarget.Parse(scope.Request.Info.Name);
        var found = (await objects.GetAsync(scope.Key(name), scope.Aborted) ?? throw scope.NotFound(name)).Parse();
        var isPod = scope.Resource.Kind == "Pod";
        var service = new ServiceReference(scope.Request.Info.Namespace, name, isPod ? PodPort(found, port) : ServicePort(found, port));
        var host = isPod ? ObjectMeta.Text(found["status"], "podIP") : service.HostName;
        if (host.Length == 0) { throw Refusal.ServiceUnavailable($"no endpoints available for pod \"{name}\""); }
        var target = new Uri($"{scheme}://{new KubeletAddress(host, service.Port)}{ProxyTarget.PathOf(scope)}");
        await using var connection = await ConnectAsync(isPod
            ? backends.DialAsync(found, service.Port, scope.Aborted)
            : backends.DialAsync(service, scope.Aborted));
        await HttpRelay.RunAsync(scope.Request.Http, target, connection);
    }

    private static async ValueTask<Stream> ConnectAsync(ValueTask<Stream> dialing)
    {
        try
        {
            return await dialing;
        }
        catch (IOException exception)
        {
            throw Refusal.ServiceUnavailable(exception.Message);
        }
    }

    private static int PodPort(JsonObject pod, string port)
    {
        if (int.TryParse(port, out var number)) { return number; }
        var ports = (pod["spec"]?["containers"] as JsonArray ?? []).SelectMany(container => container?["ports"] as JsonArray ?? []);
        return (int)(ObjectMeta.Number(ports.FirstOrDefault(one => port.Length == 0 || ObjectMeta.Text(one, "name") == port), "containerPort") ?? 80);
    }

    private static int ServicePort(JsonObject service, string port)
    {
        if (int.TryParse(port, out var number)) { return number; }
        var ports = service["spec"]?["ports"] as JsonArray ?? [];
        return (int)(ObjectMeta.Number(ports.FirstOrDefault(one => port.Length == 0 || ObjectMeta.Text(one, "name") == port), "port") ?? 80);
    }
}
