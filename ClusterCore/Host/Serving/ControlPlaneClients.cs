using Flotilla.ClusterCore.Controllers;
using Flotilla.ClusterCore.Controllers.LoadBalancers;
using Flotilla.ClusterCore.Scheduler;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Host.Serving;

/// <summary>The scheduler and the controllers of this process: ordinary clients of the API.</summary>
internal sealed class ControlPlaneClients(ServeOptions options, ServerAccess access, ILoggerFactory loggers)
{
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        options.Runs("controllers") ? RunControllersAsync(cancellationToken) : Task.CompletedTask,
        options.Runs("scheduler") ? RunSchedulerAsync(cancellationToken) : Task.CompletedTask);

    private async Task RunControllersAsync(CancellationToken cancellationToken)
    {
        using var client = access.Connect("kube-controller-manager");
        var settings = new ControllerManagerOptions
        {
            LeaderElect = access.Contended,
            RootCertificate = access.RootCertificate,
            SigningCertificate = access.SigningCertificate,
            SigningKey = access.SigningKey,
            ClusterCidr = options.ClusterNetwork.ToString(),
            LoadBalancers = options.LoadBalancerNetwork is { } network ? new LoadBalancerPool(network) : null,
            NodeMonitorGracePeriod = options.NodeMonitorGracePeriod,
        };
        await ControllerManager.RunAsync(client, settings, TimeProvider.System, cancellationToken, loggers);
    }

    private async Task RunSchedulerAsync(CancellationToken cancellationToken)
    {
        using var client = access.Connect("kube-scheduler");
        var settings = new SchedulerOptions
        {
            LeaderElection = access.Contended && options.Scheduler.LeaderElection.LeaderElect,
            Configuration = options.Scheduler,
        };
        await SchedulerHost.RunAsync(client, settings, TimeProvider.System, cancellationToken, loggers);
    }
}
