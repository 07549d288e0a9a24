using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Admission.Webhooks;
using Flotilla.ClusterCore.ApiServer.Aggregation;
using Flotilla.ClusterCore.ApiServer.Allocation;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Authentication.Oidc;
using Flotilla.ClusterCore.ApiServer.Authorization;
using Flotilla.ClusterCore.ApiServer.Bootstrap;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.ApiServer.Discovery;
using Flotilla.ClusterCore.ApiServer.FlowControl;
using Flotilla.ClusterCore.ApiServer.Health;
using Flotilla.ClusterCore.ApiServer.Metrics;
using Flotilla.ClusterCore.ApiServer.Nodes;
using Flotilla.ClusterCore.ApiServer.OpenApi;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.ResourceMetrics;
using Flotilla.ClusterCore.ApiServer.Reviews;
using Flotilla.ClusterCore.ApiServer.Subresources;
using Flotilla.ClusterCore.ApiServer.Tables;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.ApiServer.Watching;
using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Storage;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.ApiServer;

/// <summary>Everything the server is made of, put together once.</summary>
internal sealed class ServerParts : IAsyncDisposable
{
    private readonly EventLeases eventLeases;
    private readonly HttpRelay relay;
    private readonly PodTunnels tunnels;
    private readonly WebhookClients webhooks;
    private readonly OidcAuthenticator[] issuers;
    private readonly ServiceAllocator services;
    private readonly DefinitionController definitions;
    private readonly ApiServiceController apiServices;
    private readonly FlowController flows;
    private Task following = Task.CompletedTask;

    public ServerParts(ApiServerOptions options, IStore store, ClusterPki pki, TimeProvider clock, ILoggerFactory loggers)
    {
        Feed = new(store, clock, loggers.CreateLogger<WatchFeed>());
        var resources = new ServedResources(ApiCatalog.Default);
        var (metrics, inflight) = (new ServerMetrics(resources), new InflightLimit(options.MaxRequestsInFlight, options.MaxMutatingRequestsInFlight));
        var objects = new ObjectStore(store, metrics, clock);
        var readiness = new Readiness();

        var tokens = new ServiceAccountTokens(pki.ServiceAccountKey, options.ServiceAccountIssuer, Feed, clock);
        issuers = [.. options.JwtIssuers.Select(issuer => new OidcAuthenticator(issuer, options.ServiceAccountIssuer, clock, loggers.CreateLogger<OidcAuthenticator>()))];
        var authenticator = new Authenticator(
            new(pki.Authority, clock), new(pki.FrontProxyAuthority, clock), metrics.Certificates, clock,
            [
                tokens, new SecretTokens(pki.ServiceAccountKey, options.ServiceAccountIssuer, Feed, objects, clock),
                new BootstrapTokens(Feed, options.ServiceAccountIssuer, clock), .. issuers,
            ]);
        var rbac = new RbacAuthorizer(Feed);
        var authorizer = new AuthorizerUnion(new NodeAuthorizer(new(Feed), rbac), rbac);

        eventLeases = new(objects, clock);
        services = new(new(Feed, objects, clock), new(AddressRules.Family(options.ServiceNetwork.BaseAddress)), new(options.NodePorts));
        var rules = new ObjectRules(services);
        var nodeTunnels = new NodeTunnels();
        var dialer = new KubeletDialer(nodeTunnels);
        tunnels = new(objects, dialer, pki.KubeletClient);
        var backends = new ServiceDialer(Feed, tunnels);
        webhooks = new(backends, clock);
        var admission = new AdmissionChain(
            AdmissionPlugins.All(Feed, objects, rules, authorizer, rbac, new(resources, new(Feed, objects)), new(webhooks, metrics, clock)));
        var ownership = new FieldOwnership(clock);
        var writer = new ObjectWriter(objects, admission, rules, ownership, eventLeases, authorizer, clock);
        var deleter = new ObjectDeleter(objects, admission, rules, clock);

        var answers = new ObjectAnswer(new TableRenderer(clock));
        var lists = new ListReader(Feed, store, clock);
        var watches = new WatchHandler(Feed, lists, answers, metrics, clock);
        var handler = new ResourceHandler(objects, writer, new(writer, ownership), deleter, lists, watches, answers);

        var subresources = new SubresourceHandler(
            handler, new(objects, writer, admission), new(writer, admission, clock), new(objects, deleter, admission, Feed, clock),
            new(objects, tokens, admission, clock), clock);

        relay = new(dialer, pki.KubeletClient);
        var nodes = new NodeProxy(objects, admission, dialer, backends, relay, pki.KubeletClient);
        var router = new Router(
            resources, handler, subresources, new ReviewHandler(authorizer, rbac, authenticator.Tokens, admission, clock), nodes,
            new DiscoveryHandler(resources), new OpenApiHandler(resources), new HealthHandler(new(store, Feed, readiness)), new MetricsHandler(metrics, inflight, Feed, store), new IssuerHandler(tokens),
            new ResourceMetricsHandler(new(objects, dialer, relay), Feed), new TunnelHandler(nodeTunnels));
        apiServices = new(Feed, objects, resources, clock);
        flows = new(Feed, objects, clock);
        definitions = new(Feed, objects, resources, apiServices, clock, loggers.CreateLogger<DefinitionController>());
        Pipeline = new(authenticator, new(authorizer), authorizer, inflight, router, metrics, clock, loggers.CreateLogger<RequestPipeline>());
        Bootstrap = new(options, pki, objects, services, flows, Feed, readiness, clock);
        Endpoints = new(options, store, objects, Feed, clock, loggers.CreateLogger<ServerEndpoints>());
    }

    public WatchFeed Feed { get; }

    public RequestPipeline Pipeline { get; }

    public ClusterBootstrap Bootstrap { get; }

    public ServerEndpoints Endpoints { get; }

    /// <summary>Reads what is stored, and follows it from there.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Feed.StartAsync(cancellationToken);
        following = Task.WhenAll(definitions.StartAsync(), services.FollowAsync(Feed));
    }

    /// <summary>Keeps what the first start made.</summary>
    public void Keep() => following = Task.WhenAll(following, flows.FollowAsync(), apiServices.FollowAsync());

    public async ValueTask DisposeAsync()
    {
        await Endpoints.DisposeAsync();
        await Feed.DisposeAsync();
        await following;
        relay.Dispose();
        webhooks.Dispose();
        foreach (var issuer in issuers) { issuer.Dispose(); }
        tunnels.Dispose();
        eventLeases.Dispose();
    }
}
