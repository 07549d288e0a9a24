using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;
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
        var target = ProxyTarget.Of(scope);
        var kubelet = await KubeletAddress.OfNodeAsync(objects, target.Name, scope.Aborted);
        if (int.TryParse(target.Port, out var number)) { kubelet = kubelet with { Port = number }; }
        var (context, path) = (scope.Request.Http, target.Path + scope.Request.Http.Request.QueryString);
        if (WantsUpgrade(context)) { await tunnel.RunAsync(context, kubelet, path); }
        else if (!RedirectsToRoot(context, target)) { await relay.RunAsync(context, At(kubelet, path), new ProxyLinks(target.Prefix)); }
    }

    private Task PassAsync(Scope scope, KubeletAddress kubelet, string path)
    {
        var (context, kind) = (scope.Request.Http, scope.Request.Info.Subresource);
        if (kind == "log") { return relay.LogAsync(context, At(kubelet, path)); }
        return WantsUpgrade(context) ? tunnel.RunAsync(context, kubelet, path) : throw Refusal.BadRequest("Upgrade request required");
    }

    private Uri At(KubeletAddress kubelet, string path) => new($"https://{dialer.Authority(kubelet)}{path}");

    private static bool WantsUpgrade(HttpContext context) => context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true;

    /// <summary>Without the slash at its end, links relative to the page behind the proxy would lead out of it.</summary>
    private static bool RedirectsToRoot(HttpContext context, ProxyTarget target)
    {
        var request = context.Request;
        if (target.Path.Length > 0 || !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))) { return false; }
        context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
        context.Response.Headers.Location = $"{request.Path.ToUriComponent()}/{request.QueryString}";
        return true;
    }

    private async Task BackendAsync(Scope scope)
    {
        var (context, target) = (scope.Request.Http, ProxyTarget.Of(scope));
        var found = (await objects.GetAsync(scope.Key(target.Name), scope.Aborted) ?? throw scope.NotFound(target.Name)).Parse();
        var isPod = scope.Resource.Kind == "Pod";
        var service = new ServiceReference(scope.Request.Info.Namespace, target.Name, isPod ? PodPort(found, target.Port) : ServicePort(found, target.Port));
        var host = isPod ? ObjectMeta.Text(found["status"], "podIP") : service.HostName;
        if (host.Length == 0) { throw Refusal.ServiceUnavailable($"no endpoints available for pod \"{target.Name}\""); }
        if (!WantsUpgrade(context) && RedirectsToRoot(context, target)) { return; }
        var there = new Uri($"{target.Scheme}://{new KubeletAddress(host, service.Port)}{target.Path}{context.Request.QueryString}");
        await using var connection = await ConnectAsync(isPod
            ? backends.DialAsync(found, service.Port, scope.Aborted)
            : backends.DialAsync(service, scope.Aborted));
        if (WantsUpgrade(context)) { await UpgradeTunnel.RunAsync(context, connection, there); }
        else { await HttpRelay.RunAsync(context, there, new ProxyLinks(target.Prefix, there.Authority, context.Request.Host.Value ?? ""), connection); }
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
