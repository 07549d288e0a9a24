using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>
/// How often the node starts containers. Restarts have a limit of their own and a low one, so that a thousand containers that
/// crash take neither the cpu from their neighbours nor the turn from pods that are new.
/// </summary>
internal sealed class ContainerStarts(TimeProvider clock)
{
    private readonly RateLimit starts = new(perSecond: 30, burst: 100, clock);
    private readonly RateLimit restarts = new(perSecond: 5, burst: 20, clock);

    public Task WaitAsync(bool again, CancellationToken cancellationToken)
    {
        var wait = (again ? restarts : starts).Reserve();
        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, cancellationToken) : Task.CompletedTask;
    }
}
