using Flotilla.ClusterCore.ApiServer.Discovery;
using Flotilla.ClusterCore.ApiServer.Health;
using Flotilla.ClusterCore.ApiServer.Metrics;
using Flotilla.ClusterCore.ApiServer.Nodes;
using Flotilla.ClusterCore.ApiServer.OpenApi;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.ResourceMetrics;
using Flotilla.ClusterCore.ApiServer.Reviews;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.ApiServer.Subresources;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Pipeline;

/// <summary>Every route of the server.</summary>
internal sealed class Router(
    ServedResources resources, ResourceHandler objects, SubresourceHandler subresources, ReviewHandler reviews, NodeProxy nodes,
    DiscoveryHandler discovery, OpenApiHandler openApi, HealthHandler health, MetricsHandler metrics, IssuerHandler issuer,
    ResourceMetricsHandler figures, TunnelHandler tunnels)
{
    private static readonly HashSet<string> readOnly = new(StringComparer.Ordinal) { "api", "apis", "version", ".well-known", "openid" };

    public Task RouteAsync(ApiRequest request) => request.Info.IsResourceRequest ? RouteResourceAsync(request) : RoutePathAsync(request);

    private Task RoutePathAsync(ApiRequest request)
    {
        var parts = request.Info.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is [var first, ..] && readOnly.Contains(first) && !HttpMethods.IsGet(request.Http.Request.Method)) { throw Refusal.MethodNotAllowed(); }
        return parts switch
        {
            [] => discovery.PathsAsync(request),
            ["api"] => discovery.CoreVersionsAsync(request),
            ["apis"] => discovery.GroupsAsync(request),
            ["api", var version] => discovery.ResourcesAsync(request, "", version),
            ["apis", var group] => discovery.GroupAsync(request, group),
            ["apis", var group, var version] => discovery.ResourcesAsync(request, group, version),
            ["openapi", "v2"] => openApi.V2Async(request),
            ["openapi", "v3"] => openApi.V3IndexAsync(request),
            ["openapi", "v3", .. var path] => openApi.V3Async(request, string.Join('/', path)),
            ["version"] => health.VersionAsync(request),
            ["healthz" or "livez" or "readyz", ..] => health.CheckAsync(request, parts),
            ["metrics"] => metrics.HandleAsync(request),
            [".well-known", "openid-configuration"] => issuer.ConfigurationAsync(request),
            ["flotilla", "v1", "nodes", var node, "tunnel"] => tunnels.HandleAsync(request, node),
            ["openid", "v1", "jwks"] => issuer.KeysAsync(request),
            _ => throw Refusal.PathNotFound(),
        };
    }

    private Task RouteResourceAsync(ApiRequest request)
    {
        var info = request.Info;
        if (resources.Find(info.Group, info.Version, info.Resource) is not { } resource) { throw Refusal.PathNotFound(); }
        if (!resource.Namespaced && info.Namespace.Length > 0 && (info.Resource != "namespaces" || info.Name.Length == 0)) { throw Refusal.PathNotFound(); }
        if (HttpMethods.IsHead(request.Http.Request.Method)) { throw Refusal.MethodNotAllowed(); }
        var scope = new Scope(request, resource, resources.CustomOf(resource));
        return (info.Subresource, resource.Kind) switch
        {
            _ when ResourceMetricsHandler.Handles(resource) => figures.HandleAsync(scope),
            ("", _) when ReviewHandler.Handles(resource) => reviews.HandleAsync(scope),
            ("", "Binding") when info is { Verb: "create", Group: "" } => subresources.BindAsync(scope),
            ("", _) => objects.HandleAsync(scope),
            ("log" or "exec" or "attach" or "portforward" or "proxy", "Pod" or "Node" or "Service") => nodes.HandleAsync(scope),
            _ => subresources.HandleAsync(scope),
        };
    }
}
