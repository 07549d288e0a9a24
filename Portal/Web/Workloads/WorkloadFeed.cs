using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.Portal.Web.Workloads;

/// <summary>A live copy of what runs in one cluster, shared by all pages that show it.</summary>
internal sealed class WorkloadFeed : IAsyncDisposable
{
    private readonly ApiClient client;
    private readonly CancellationTokenSource closed = new();
    private readonly Informer<Deployment> deployments;
    private readonly Informer<Pod> pods;
    private readonly Informer<Event> events;
    private readonly Task work;

    public WorkloadFeed(ApiClient client, TimeProvider clock, ILoggerFactory logs)
    {
        this.client = client;
        var informers = new InformerFactory(client, clock, logs);
        deployments = Follow(informers, Kinds.Deployments);
        pods = Follow(informers, Kinds.Pods);
        events = Follow(informers, Kinds.Events);
        Synced = informers.WaitForSyncAsync(closed.Token);
        work = informers.RunAsync(closed.Token);
    }

    /// <summary>Raised after each change, on the feed's own task: handlers note it and return.</summary>
    public event Action? Changed;

    /// <summary>Done when everything was read once.</summary>
    public Task Synced { get; }

    /// <summary>Pages that show it; the feed ends with the last.</summary>
    public int Users { get; set; }

    public Deployment[] Deployments => deployments.List();

    public Pod[] Pods => pods.List();

    public Event[] Events => events.List();

    public async ValueTask DisposeAsync()
    {
        await closed.CancelAsync();
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Synced.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        client.Dispose();
        closed.Dispose();
    }

    private Informer<T> Follow<T>(InformerFactory informers, ResourceType<T> type) where T : KubernetesObject
    {
        var informer = informers.Get(type);
        informer.AddHandler(_ => Changed?.Invoke());
        return informer;
    }
}
