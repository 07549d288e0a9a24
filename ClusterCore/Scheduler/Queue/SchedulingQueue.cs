using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Queue;

/// <summary>
/// Where pods wait. Active: may be tried now. Backoff: was tried, something changed since, but not so soon. Unschedulable:
/// was tried, and nothing that could help has happened. Only the scheduling loop touches it.
/// <code>
///            add                     no node fits
///   pod ───────────▶ active ──pop──▶ (cycle) ─────▶ unschedulable
///                      ▲    ▲                         │ event that helps
///          time passed │    └──── backoff over ───────┤
///                    backoff ◀──── still backing off ─┘
/// </code>
/// </summary>
internal sealed class SchedulingQueue(
    IReadOnlyDictionary<string, Profile> profiles, QueueOptions options, TimeProvider clock)
{
    private readonly Dictionary<string, QueuedPod> pods = new(StringComparer.Ordinal);
    private readonly SortedSet<QueuedPod> active = new(profiles.Values.First().QueueSort);
    private readonly SortedSet<QueuedPod> backoff = new(BackoffOrder.Instance);
    private readonly HashSet<QueuedPod> unschedulable = [];
    private long sequence;
    private long events;

    public int ActiveCount => active.Count;

    public int BackoffCount => backoff.Count;

    public int UnschedulableCount => unschedulable.Count;

    /// <summary>When the queue should be looked at again though nothing happened; null: never.</summary>
    public DateTimeOffset? NextDue => backoff.Min?.BackoffUntil;

    public QueuedPod? Find(string uid) => pods.GetValueOrDefault(uid);

    public void Add(PodInfo pod)
    {
        if (pods.ContainsKey(pod.Uid)) { return; }
        var queued = new QueuedPod(pod, sequence++) { Timestamp = clock.GetUtcNow() };
        pods[pod.Uid] = queued;
        Enqueue(queued);
    }

    /// <summary>The pod's object changed; a change of its own that may help brings it back.</summary>
    public void Update(PodInfo pod, EventActions changes)
    {
        if (!pods.TryGetValue(pod.Uid, out var queued)) { Add(pod); return; }
        var old = queued.Pod;
        var place = queued.Place;
        TakeOut(queued);
        queued.Pod = pod;
        var helps = changes != 0 && place is QueuePlace.Unschedulable or QueuePlace.Gated
            && (place == QueuePlace.Gated || Helps(queued, new(EventResource.UnscheduledPod, changes) { OldPod = old, Pod = pod }));
        if (helps) { Wake(queued); }
        else { Put(queued, place); }
    }

    public void Remove(string uid)
    {
        if (!pods.Remove(uid, out var queued)) { return; }
        TakeOut(queued);
        _ = queued.Waiting?.CancelAsync();
    }

    public QueuedPod? Pop()
    {
        FlushBackoff();
        var next = active.Min ?? IdleBackoff();
        if (next is null) { return null; }
        TakeOut(next);
        next.Place = QueuePlace.InFlight;
        next.EventsSeen = events;
        next.Attempts++;
        return next;
    }

    /// <summary>
    /// The attempt ended without a node. With rejecting plugins it waits for their events, else it backs off; as it does when something
    /// happened while its binding waited, which may have been what it would wait for.
    /// </summary>
    public void Return(QueuedPod queued, IReadOnlySet<string> rejectedBy)
    {
        if (!pods.TryGetValue(queued.Pod.Uid, out var current) || !ReferenceEquals(current, queued)) { return; }
        queued.Timestamp = clock.GetUtcNow();
        queued.UnschedulablePlugins = rejectedBy;
        queued.BackoffForError = rejectedBy.Count == 0;
        queued.BackoffUntil = queued.Timestamp + BackoffOf(queued);
        Put(queued, rejectedBy.Count == 0 || queued.EventsSeen != events ? QueuePlace.Backoff : QueuePlace.Unschedulable);
    }

    /// <summary>Something happened in the cluster: wakes the pods it may help.</summary>
    public void Notify(ClusterEvent change)
    {
        events++;
        if (unschedulable.Count == 0) { return; }
        List<QueuedPod>? woken = null;
        foreach (var queued in unschedulable)
        {
            if (queued.Place == QueuePlace.Unschedulable && !IsAbout(queued, change) && Helps(queued, change)) { (woken ??= []).Add(queued); }
        }
        foreach (var queued in woken ?? []) { Wake(queued); }
    }

    public void FlushUnschedulable()
    {
        var limit = clock.GetUtcNow() - options.MaxUnschedulable;
        foreach (var queued in unschedulable.Where(one => one.Place == QueuePlace.Unschedulable && one.Timestamp <= limit).ToList()) { Wake(queued); }
    }

    private void Wake(QueuedPod queued)
    {
        unschedulable.Remove(queued);
        if (queued.Place != QueuePlace.Gated && queued.BackoffUntil > clock.GetUtcNow()) { Put(queued, QueuePlace.Backoff); }
        else { Enqueue(queued); }
    }

    private void Enqueue(QueuedPod queued)
    {
        var gate = profiles[queued.Pod.SchedulerName].PreEnqueue.Select(plugin => plugin.PreEnqueue(queued.Pod)).FirstOrDefault(status => status is not null);
        Put(queued, gate is null ? QueuePlace.Active : QueuePlace.Gated);
    }

    private void FlushBackoff()
    {
        var now = clock.GetUtcNow();
        while (backoff.Min is { } first && first.BackoffUntil <= now)
        {
            backoff.Remove(first);
            Enqueue(first);
        }
    }

    // An idle scheduler need not make a pod wait that something may have helped.
    private QueuedPod? IdleBackoff()
    {
        foreach (var queued in backoff)
        {
            if (!queued.BackoffForError) { return queued; }
        }
        return null;
    }

    // A pod whose binding failed leaves its node: that helps others, not itself.
    private static bool IsAbout(QueuedPod queued, ClusterEvent change) => change.Resource == EventResource.AssignedPod && change.OldPod?.Uid == queued.Pod.Uid;

    private bool Helps(QueuedPod queued, ClusterEvent change)
    {
        var registrations = profiles[queued.Pod.SchedulerName].Registrations;
        foreach (var plugin in queued.UnschedulablePlugins)
        {
            if (!registrations.TryGetValue(plugin, out var events)) { continue; }
            foreach (var registration in events)
            {
                if (registration.Covers(change) && registration.Helps?.Invoke(queued.Pod, change) != false) { return true; }
            }
        }
        return false;
    }

    private TimeSpan BackoffOf(QueuedPod queued)
    {
        var seconds = options.InitialBackoff.TotalSeconds * Math.Pow(2, Math.Min(queued.Attempts - 1, 20));
        return TimeSpan.FromSeconds(Math.Min(seconds, options.MaxBackoff.TotalSeconds));
    }

    private void Put(QueuedPod queued, QueuePlace place)
    {
        queued.Place = place;
        _ = place switch
        {
            QueuePlace.Active => active.Add(queued),
            QueuePlace.Backoff => backoff.Add(queued),
            QueuePlace.Unschedulable or QueuePlace.Gated => unschedulable.Add(queued),
            _ => false,
        };
    }

    private void TakeOut(QueuedPod queued) => _ = queued.Place switch
    {
        QueuePlace.Active => active.Remove(queued),
        QueuePlace.Backoff => backoff.Remove(queued),
        QueuePlace.Unschedulable or QueuePlace.Gated => unschedulable.Remove(queued),
        _ => false,
    };
}
