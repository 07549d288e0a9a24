using Flotilla.ClusterCore.ApiServer;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Controllers;
using Flotilla.ClusterCore.Controllers.LoadBalancers;
using Flotilla.ClusterCore.Scheduler;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Host.Serving;

/// <summary>The scheduler and the controllers of this member: ordinary clients of the API, each with its own identity.</summary>
internal sealed class ControlPlaneClients(ServeOptions options, ApiServerInstance server, ILoggerFactory loggers)
{
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        options.Runs("controllers") ? RunControllersAsync(cancellationToken) : Task.CompletedTask,
        options.Runs("scheduler") ? RunSchedulerAsync(cancellationToken) : Task.CompletedTask);

    // With the embedded store this member is the only one: there is nobody to contend with for leadership.
    private bool HasOtherMembers => options.EtcdServers.Count > 0;

    private async Task RunControllersAsync(CancellationToken cancellationToken)
    {
        using var client = Connect("system:kube-controller-manager");
        var settings = new ControllerManagerOptions
        {
            LeaderElect = HasOtherMembers,
            RootCertificate = server.Pki.AuthorityPem,
            SigningCertificate = server.Pki.AuthorityPem,
            SigningKey = server.Pki.AuthorityKeyPem,
            ClusterCidr = options.ClusterNetwork.ToString(),
            LoadBalancers = options.LoadBalancerNetwork is { } network ? new LoadBalancerPool(network) : null,
            NodeMonitorGracePeriod = options.NodeMonitorGracePeriod,
        };
        await ControllerManager.RunAsync(client, settings, TimeProvider.System, cancellationToken, loggers);
    }

    private async Task RunSchedulerAsync(CancellationToken cancellationToken)
    {
        using var client = Connect("system:kube-scheduler");
        var settings = new SchedulerOptions
        {
            LeaderElection = HasOtherMembers && options.Scheduler.LeaderElection.LeaderElect,
            Configuration = options.Scheduler,
        };
        await SchedulerHost.RunAsync(client, settings, TimeProvider.System, cancellationToken, loggers);
    }

    private ApiClient Connect(string user, params IEnumerable<string> groups) =>
        new(new(server.LocalHandler(user, groups)), server.Addresses[0]) { UserAgent = user["system:".Length..] };
}
