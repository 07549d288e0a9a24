using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Server.Stats;
using Flotilla.NodeAgent.Runtime;
using Flotilla.NodeAgent.Runtime.Cri;
using Microsoft.Extensions.Logging;
using Container = Flotilla.NodeAgent.Runtime.Cri.Container;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>
/// Wakes pods when the runtime's containers change: by its events, and by comparing whole lists, often while there are no
/// events and seldom while there are.
/// </summary>
internal sealed partial class RuntimeWatch(ICriRuntime runtime, PodWorkers workers, KubeletMetrics metrics, TimeProvider clock, ILogger logger) : IDisposable
{
    private static readonly TimeSpan WithoutEvents = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WithEvents = TimeSpan.FromSeconds(10);

    /// <summary>The runtime tells of an exit a moment before its own lists do.</summary>
    private static readonly TimeSpan AfterEvent = TimeSpan.FromMilliseconds(30);

    private readonly HashSet<string> suspects = new(StringComparer.Ordinal);
    private Dictionary<string, (string PodUid, int State)> known = [];
    private volatile bool hasEvents;
    private readonly Signal happenings = new();

    /// <summary>When the last list could be had.</summary>
    public DateTimeOffset ListedAt { get; private set; } = clock.GetUtcNow();

    public Task RunAsync(Func<bool> podsKnown, CancellationToken cancellationToken) =>
        Task.WhenAll(FollowEventsAsync(cancellationToken), RelistAsync(podsKnown, cancellationToken));

    public void Dispose() => happenings.Dispose();

    private async Task FollowEventsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                hasEvents = true;
                await foreach (var happened in runtime.WatchAsync(cancellationToken))
                {
                    workers.Wake(happened.Id);
                    if (happened.Kind == RuntimeEventKind.OutOfMemory)
                    {
                        workers.OutOfMemory(happened.Id);
                    }

                    happenings.Set();
                }
            }
            catch (CriException exception)
            {
                LogNoEvents(logger, exception.Message);
            }

            hasEvents = false;
            await Task.Delay(WithoutEvents, clock, cancellationToken);
        }
    }

    private async Task RelistAsync(Func<bool> podsKnown, CancellationToken cancellationToken)
    {
        var (next, answers) = (TimeSpan.Zero, false);
        while (true)
        {
            // After an event the lists are looked at twice: at once, and when the runtime has had time to take it in.
            var quiet = await happenings.WaitAsync(next, clock, cancellationToken);
            await Task.Delay(quiet ? TimeSpan.Zero : AfterEvent, clock, cancellationToken);
            try
            {
                var started = clock.GetTimestamp();
                var containers = await runtime.ListContainersAsync(null, cancellationToken);
                var sandboxes = await runtime.ListPodSandboxesAsync(null, cancellationToken);
                metrics.ListTimes.Add("", clock.GetElapsedTime(started));
                ListedAt = clock.GetUtcNow();
                answers = true;
                Compare(containers, sandboxes);
                if (podsKnown())
                {
                    EndOrphans(sandboxes);
                }
            }
            catch (CriException exception)
            {
                answers = false;
                LogNoList(logger, exception.Message);
            }

            next = quiet && hasEvents && answers ? WithEvents : WithoutEvents;
        }
    }

    private void Compare(IReadOnlyList<Container> containers, IReadOnlyList<PodSandbox> sandboxes)
    {
        var now = new Dictionary<string, (string PodUid, int State)>(containers.Count + sandboxes.Count, StringComparer.Ordinal);
        foreach (var container in containers)
        {
            now[container.Id] = (container.Labels.TryGetValue(CriLabels.PodUid, out var uid) ? uid : "", (int)container.State);
        }

        foreach (var sandbox in sandboxes)
        {
            now[sandbox.Id] = (sandbox.Metadata.Uid, (int)sandbox.State);
        }

        var changed = now.Where(pair => !known.TryGetValue(pair.Key, out var before) || before != pair.Value).Select(pair => pair.Value.PodUid)
            .Concat(known.Where(pair => !now.ContainsKey(pair.Key)).Select(pair => pair.Value.PodUid));
        foreach (var uid in changed.Distinct())
        {
            workers.Find(uid)?.Wake();
        }

        known = now;
    }

    /// <summary>Twice in a row without an object: a pod that is being made or just removed is not an orphan.</summary>
    private void EndOrphans(IReadOnlyList<PodSandbox> sandboxes)
    {
        var orphans = sandboxes.Where(sandbox => workers.Find(sandbox.Metadata.Uid) is null).DistinctBy(sandbox => sandbox.Metadata.Uid).ToList();
        foreach (var orphan in orphans.Where(orphan => suspects.Contains(orphan.Metadata.Uid)))
        {
            LogOrphan(logger, orphan.Metadata.Namespace, orphan.Metadata.Name);
            workers.EndOrphan(new Pod
            {
                Metadata = new() { Namespace = orphan.Metadata.Namespace, Name = orphan.Metadata.Name, Uid = orphan.Metadata.Uid },
            });
        }

        suspects.Clear();
        suspects.UnionWith(orphans.Select(orphan => orphan.Metadata.Uid));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The runtime sends no events: {Reason}")]
    private static partial void LogNoEvents(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The runtime's containers could not be listed: {Reason}")]
    private static partial void LogNoList(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Pod {Namespace}/{Name} is on the node but not in the API: it is ended")]
    private static partial void LogOrphan(ILogger logger, string @namespace, string name);
}
