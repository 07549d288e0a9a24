using System.Collections.Concurrent;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Admission;
using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>One worker per pod that is on the node, by uid.</summary>
internal sealed class PodWorkers(PodServices services)
{
    private readonly ConcurrentDictionary<string, PodWorker> workers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, NodeDoor> doors = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private CancellationToken stopping;

    public IEnumerable<PodWorker> All => workers.Values;

    public PodWorker? Find(string ns, string name) =>
        workers.Values.FirstOrDefault(worker => worker.Pod.Metadata.Name == name && worker.Pod.Metadata.Namespace == ns);

    public PodWorker? Find(string uid) => workers.GetValueOrDefault(uid);

    /// <summary>Follows those pods of an informer that are this process's, until cancelled.</summary>
    public void Follow(Informer<Pod> pods, Func<Pod, bool> own, CancellationToken cancellationToken)
    {
        stopping = cancellationToken;
        pods.AddHandler(change =>
        {
            if (own(change.Object))
            {
                Changed(change.Old, change.New);
            }
        });
    }

    /// <summary>Ends what the runtime still has of a pod that the API no longer knows.</summary>
    public void EndOrphan(Pod pod) => Start(pod, null).Removed();

    /// <summary>Something happened to this container or sandbox.</summary>
    public void Wake(string runtimeId)
    {
        foreach (var worker in workers.Values)
        {
            if (worker.Observed.Containers.Any(record => record.Id == runtimeId) || worker.Observed.Sandboxes.Any(record => record.Id == runtimeId))
            {
                worker.Wake();
                return;
            }
        }
    }

    /// <summary>The kernel ended a process of this container.</summary>
    public void OutOfMemory(string containerId)
    {
        foreach (var worker in workers.Values)
        {
            if (worker.Observed.Containers.FirstOrDefault(record => record.Id == containerId) is { } record)
            {
                services.Events.Warning(worker.Pod, worker.Pod.Spec.Find(record.Name), "OOMKilling", $"Memory cgroup out of memory: container {record.Name} used more than its limit");
                return;
            }
        }
    }

    private void Changed(Pod? old, Pod? latest)
    {
        if (latest is null || (old is not null && old.Metadata.Uid != latest.Metadata.Uid))
        {
            Find(old!.Metadata.Uid!)?.Removed();
        }

        if (latest is null)
        {
            return;
        }

        if (Find(latest.Metadata.Uid!) is { } worker)
        {
            worker.Update(latest);
        }
        else
        {
            Start(latest, doors.GetOrAdd(latest.Spec.NodeName ?? "", static (_, services) => new(services), services));
        }
    }

    private PodWorker Start(Pod pod, NodeDoor? door)
    {
        lock (gate)
        {
            return workers.GetOrAdd(pod.Metadata.Uid!, static (_, context) => context.Self.Run(context.Pod, context.Door), (Self: this, Pod: pod, Door: door));
        }
    }

    private PodWorker Run(Pod pod, NodeDoor? door)
    {
        var worker = new PodWorker(pod, services);
        _ = RunAsync(worker, door, door?.EnterAsync(worker, stopping) ?? Task.CompletedTask);
        return worker;
    }

    private async Task RunAsync(PodWorker worker, NodeDoor? door, Task entered)
    {
        await entered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        await worker.RunAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        door?.Leave(worker);
        workers.TryRemove(worker.Pod.Metadata.Uid!, out _);
        worker.Dispose();
    }
}
