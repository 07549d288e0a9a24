using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Authorization;
using Flotilla.ClusterCore.ApiServer.Bootstrap;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Flotilla.ClusterCore.ApiServer.Discovery;
using Flotilla.ClusterCore.ApiServer.Health;
using Flotilla.ClusterCore.ApiServer.Nodes;
using Flotilla.ClusterCore.ApiServer.OpenApi;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Reviews;
using Flotilla.ClusterCore.ApiServer.Tables;
using Flotilla.ClusterCore.ApiServer.Watching;
using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Storage;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.ApiServer;

/// <summary>Everything the server is made of, put together once.</summary>
internal sealed class ServerParts : IAsyncDisposable
{
    private readonly EventLeases eventLeases;

    public ServerParts(ApiServerOptions options, IStore store, ClusterPki pki, TimeProvider clock, ILoggerFactory loggers)
    {
        Feed = new(store, clock, loggers.CreateLogger<WatchFeed>());
        var objects = new ObjectStore(store);
        var resources = new ServedResources(ApiCatalog.Default);
        var readiness = new Readiness();

        var tokens = new ServiceAccountTokens(pki.ServiceAccountKey, options.ServiceAccountIssuer, Feed, clock);
        var authenticator = new Authenticator(new(pki.Authority, clock), new(pki.FrontProxyAuthority, clock), [tokens]);
        var rbac = new RbacAuthorizer(Feed);

        eventLeases = new(objects, clock);
        var rules = new ObjectRules();
        var admission = new AdmissionChain([new NamespaceLifecycle(Feed, objects)]);
        var writer = new ObjectWriter(objects, admission, rules, new(), eventLeases, clock);
        var deleter = new ObjectDeleter(objects, admission, rules, clock);

        var answers = new ObjectAnswer(new TableRenderer(clock));
        var lists = new ListReader(Feed, store, clock);
        var watches = new WatchHandler(Feed, lists, answers, clock);
        var handler = new ResourceHandler(objects, writer, new(writer), deleter, lists, watches, answers);

        var router = new Router(
            resources, handler, new SubresourceHandler(handler), new ReviewHandler(), new NodeProxy(),
            new DiscoveryHandler(resources), new OpenApiHandler(), new HealthHandler(readiness, Feed), new IssuerHandler(tokens));
        Pipeline = new(authenticator, new(rbac), rbac, new(), router, loggers.CreateLogger<RequestPipeline>());
        Bootstrap = new(options, objects, Feed, readiness, clock);
    }

    public WatchFeed Feed { get; }

    public RequestPipeline Pipeline { get; }

    public ClusterBootstrap Bootstrap { get; }

    public async ValueTask DisposeAsync()
    {
        await Feed.DisposeAsync();
        eventLeases.Dispose();
    }
}
