using Flotilla.NodeAgent.Kubelet.Pods;

namespace Flotilla.NodeAgent.Kubelet.Qos;

/// <summary>Keeps the burstable pods' common weight at what they ask for together.</summary>
internal sealed class BurstableShare(PodWorkers workers, CgroupTree cgroups, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private long set = -1;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var requests = workers.All.Select(worker => worker.Pod).Where(pod => pod.Status.Phase is not ("Succeeded" or "Failed"))
                .Where(pod => PodQos.ClassOf(pod.Spec) == PodQos.Burstable)
                .Sum(pod => PodResources.Of(pod.Spec).MilliCpuRequest);
            if (requests != set)
            {
                cgroups.SetBurstable(set = requests);
            }

            await Task.Delay(Interval, clock, cancellationToken);
        }
    }
}
