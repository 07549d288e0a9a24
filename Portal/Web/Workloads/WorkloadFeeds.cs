using Flotilla.ClusterCore.Client;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Portal.Web.Workloads;

/// <summary>One feed for each cluster that somebody looks at. The caller has checked that they may.</summary>
internal sealed class WorkloadFeeds(
    IDbContextFactory<FleetDbContext> contexts, KubeconfigIssuer issuer, TimeProvider clock, ILoggerFactory logs) : IAsyncDisposable
{
    private const string UserName = "system:flotilla:portal";

    private static readonly TimeSpan CertificateLifetime = TimeSpan.FromDays(7);

    private readonly SemaphoreSlim gate = new(1);
    private readonly Dictionary<string, WorkloadFeed> feeds = [];

    /// <summary>Null while the cluster has no control plane to ask. Give it back with <see cref="CloseAsync"/>.</summary>
    public async Task<WorkloadFeed?> OpenAsync(string clusterId, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (!feeds.TryGetValue(clusterId, out var feed))
            {
                if (await ConnectAsync(clusterId, cancellationToken) is not { } client) { return null; }
                feeds[clusterId] = feed = new(client, clock, logs);
            }
            feed.Users++;
            return feed;
        }
        finally { gate.Release(); }
    }

    public async Task CloseAsync(string clusterId, WorkloadFeed feed)
    {
        await gate.WaitAsync(CancellationToken.None);
        try
        {
            if (--feed.Users > 0) { return; }
            feeds.Remove(clusterId);
        }
        finally { gate.Release(); }
        await feed.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var feed in feeds.Values) { await feed.DisposeAsync(); }
        gate.Dispose();
    }

    // Through the gateway, as users go: the portal need not run on the cluster's machine.
    private async Task<ApiClient?> ConnectAsync(string clusterId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var cluster = await context.Clusters.AsNoTracking().Include(c => c.Machine).SingleOrDefaultAsync(c => c.Id == clusterId, cancellationToken);
        if (cluster?.CaCertificate is null || cluster.CaKey is null) { return null; }
        var text = issuer.IssueForPlatform(cluster, UserName, $"https://{cluster.Machine!.GatewayEndpoint}", CertificateLifetime);
        return ApiClient.Create(Kubeconfig.Parse(text) with { TlsServerName = cluster.ServerName }, "flotilla-portal");
    }
}
