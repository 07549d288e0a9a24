using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.NodeAgent.Kubelet.Volumes;
using Flotilla.NodeAgent.Runtime;
using Flotilla.NodeAgent.Runtime.Cri;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Garbage;

/// <summary>
/// Removes what pods leave behind: of a pod that goes on, ended containers but the last of each name, and sandboxes that were
/// replaced; of pods that are gone from the API and from the runtime, their files, logs and cgroups.
/// </summary>
internal sealed partial class ContainerGarbage(
    KubeletOptions options, PodWorkers workers, ICriRuntime runtime, CgroupTree cgroups, NodeEvents events, TimeProvider clock, ILogger logger)
{
    private readonly HashSet<string> suspects = new(StringComparer.Ordinal);

    /// <param name="podsKnown">Whether the API's pods have been listed: before that nothing is an orphan.</param>
    public async Task RunAsync(Func<bool> podsKnown, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(options.ContainerGcInterval, clock, cancellationToken);
            try
            {
                var sandboxes = await runtime.ListPodSandboxesAsync(null, cancellationToken);
                foreach (var worker in workers.All)
                {
                    await RemoveOldAsync(worker, cancellationToken);
                }

                await RemoveDanglingLinksAsync(cancellationToken);
                if (podsKnown())
                {
                    RemoveOrphans(sandboxes);
                }
            }
            catch (Exception exception) when (exception is CriException or IOException or UnauthorizedAccessException)
            {
                events.Warning("ContainerGCFailed", exception.Message);
                LogFailed(logger, exception.Message);
            }
        }
    }

    private async Task RemoveOldAsync(PodWorker worker, CancellationToken cancellationToken)
    {
        var (pod, state) = (worker.Pod, worker.Observed);
        var old = state.Containers.Where(record => record.State == RunState.Exited).GroupBy(record => record.Name).SelectMany(ended => ended.Skip(1)).ToList();
        foreach (var record in old)
        {
            await runtime.RemoveContainerAsync(record.Id, cancellationToken);
            worker.Files.RemoveLog(pod, record);
        }

        foreach (var sandbox in state.Sandboxes.Skip(1).Where(sandbox => !sandbox.Ready && state.Containers.Except(old).All(record => record.SandboxId != sandbox.Id)))
        {
            await runtime.RemovePodSandboxAsync(sandbox.Id, cancellationToken);
        }

        if (old.Count > 0)
        {
            worker.Wake();
        }
    }

    /// <summary>While a log is rotated there is none for a moment: the link of a container that runs is kept.</summary>
    private async Task RemoveDanglingLinksAsync(CancellationToken cancellationToken)
    {
        foreach (var (link, id) in LogLinks.Dangling(options))
        {
            if (await runtime.ContainerStatusAsync(id, cancellationToken) is not { State: not ContainerState.ContainerExited })
            {
                File.Delete(link);
            }
        }
    }

    /// <summary>Twice in a row without a pod: one that is being made or just removed is not an orphan.</summary>
    private void RemoveOrphans(IReadOnlyList<PodSandbox> sandboxes)
    {
        var alive = sandboxes.Select(sandbox => sandbox.Metadata.Uid).Concat(workers.All.Select(worker => worker.Pod.Metadata.Uid!)).ToHashSet(StringComparer.Ordinal);
        var orphans = Files().Concat(Logs()).Concat(cgroups.Pods()).Where(uid => !alive.Contains(uid)).ToHashSet(StringComparer.Ordinal);
        foreach (var uid in orphans.Where(suspects.Contains))
        {
            LogOrphan(logger, uid);
            cgroups.RemovePod(uid);
            PodVolumes.Remove(new(options.RootDirectory, uid));
            foreach (var logs in Folders(options.LogDirectory).Where(folder => UidOf(folder) == uid))
            {
                Directory.Delete(logs, recursive: true);
            }
        }

        suspects.Clear();
        suspects.UnionWith(orphans);
    }

    private IEnumerable<string> Files() => Folders(PodDirectories.All(options.RootDirectory)).Select(folder => Path.GetFileName(folder));

    private IEnumerable<string> Logs() => Folders(options.LogDirectory).Select(UidOf).OfType<string>();

    private static IEnumerable<string> Folders(string parent) => Directory.Exists(parent) ? Directory.GetDirectories(parent) : [];

    /// <summary>A pod's logs are in <c>&lt;namespace&gt;_&lt;name&gt;_&lt;uid&gt;</c>: none of the three has an underscore.</summary>
    private static string? UidOf(string logs) => Path.GetFileName(logs).Split('_') is [_, _, var uid] ? uid : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "What pods left could not be removed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Pod {Uid} is gone: what it left on the node is removed")]
    private static partial void LogOrphan(ILogger logger, string uid);
}
