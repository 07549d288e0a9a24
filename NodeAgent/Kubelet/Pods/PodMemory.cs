using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>What a pod's worker must remember between looks; all else is read from the runtime and the API anew.</summary>
internal sealed class PodMemory
{
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, (ContainerTrouble Trouble, DateTimeOffset? RetryAt)> troubles = new(StringComparer.Ordinal);
    private readonly HashSet<string> backingOff = new(StringComparer.Ordinal);
    private string? failing;
    private TimeSpan retry;

    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>By container id, as <see cref="AppliedResources"/> writes them.</summary>
    public Dictionary<string, string> Resized { get; } = new(StringComparer.Ordinal);

    public ContainerTrouble? ResizeTrouble { get; set; }

    public Dictionary<string, BackOffEntry> BackOffs { get; } = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, ContainerTrouble> Troubles() => troubles.ToDictionary(pair => pair.Key, pair => pair.Value.Trouble);

    public void Trouble(string container, ContainerTrouble trouble, DateTimeOffset? retryAt) => troubles[container] = (trouble, retryAt);

    public void Overcome(string container) => troubles.Remove(container);

    /// <summary>Whether a container's trouble is to be left alone until later.</summary>
    public bool Waits(string container, DateTimeOffset now) => troubles.TryGetValue(container, out var entry) && entry.RetryAt > now;

    /// <summary>True once for each time a container begins to wait.</summary>
    public bool BacksOffAnew(string container) => backingOff.Add(container);

    public void BackOffOver(string container) => backingOff.Remove(container);

    public DateTimeOffset? NextRetry() => troubles.Values.Select(entry => entry.RetryAt).Where(time => time is not null).Min();

    /// <summary>Half a second after a new failure, then twice as long for each time the same one comes again.</summary>
    public TimeSpan RetryAfter(string failure)
    {
        retry = failing == failure ? retry * 2 : TimeSpan.FromMilliseconds(500);
        failing = failure;
        return retry = retry > LongestRetry ? LongestRetry : retry;
    }
}
