using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Runtime;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Nodes;

/// <summary>
/// Whether the container runtime is fit for pods, in upstream's words. A runtime that is being started anew is no reason to call
/// the node unready: only a silence that lasts is.
/// </summary>
internal sealed class RuntimeHealth(ICriRuntime runtime, KubeletOptions options, NodeEvents events, TimeProvider clock)
{
    private const string Down = "container runtime is down";
    private const int MostImages = 50;
    private const int MostNames = 5;
    private static readonly TimeSpan RelistThreshold = TimeSpan.FromMinutes(3);

    /// <summary>As the problem detector's health check says it; the other conditions stand while it is true.</summary>
    public NodeCondition Condition { get; private set; } = Healthy;

    /// <summary>The largest images: the scheduler prefers a node that has them. The last known while the runtime is away.</summary>
    public ContainerImage[]? Images { get; private set; }

    private static NodeCondition Healthy => new()
    {
        Type = "ContainerRuntimeUnhealthy",
        Status = "False",
        Reason = "ContainerRuntimeIsHealthy",
        Message = "Container runtime on the node is functioning properly",
    };

    private string version = "containerd://unknown";
    private DateTimeOffset? answeredAt;
    private string? refusal;

    /// <param name="listedAt">When the runtime's containers were last listed.</param>
    /// <returns>Why the node is not ready; null when it is.</returns>
    public async Task<(string? NotReady, NodeSystemInfo Info)> LookAsync(DateTimeOffset listedAt, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        try
        {
            var answer = await runtime.VersionAsync(cancellationToken);
            var failing = (await runtime.StatusAsync(cancellationToken)).Status.Conditions.FirstOrDefault(condition => !condition.Status);
            Images = Largest(await runtime.ListImagesAsync(cancellationToken));
            (version, answeredAt, refusal) = ($"{answer.RuntimeName}://{answer.RuntimeVersion}", now, failing is null ? null : Reason(failing));
        }
        catch (CriException)
        {
            refusal = answeredAt is not { } last
                ? "container runtime status check may not have completed yet"
                : now - last > options.RuntimeDownAfter ? Down : refusal;
        }

        Tell(refusal == Down);
        var stalled = now - listedAt > RelistThreshold
            ? $"PLEG is not healthy: pleg was last seen active {Text(now - listedAt)} ago; threshold is {Text(RelistThreshold)}"
            : null;
        string[] reasons = [.. ((string?[])[refusal, stalled]).OfType<string>()];
        var notReady = reasons switch
        {
            [] => null,
            [var one] => one,
            _ => $"[{string.Join(", ", reasons)}]",
        };
        return (notReady, MachineFacts.Info(options.KubeletVersion, version));
    }

    private static ContainerImage[]? Largest(IReadOnlyList<Image> images) => images.Count == 0 ? null :
    [
        .. images.OrderByDescending(image => image.Size).ThenBy(image => image.Id, StringComparer.Ordinal).Take(MostImages)
            .Select(image => new ContainerImage { Names = [.. image.RepoDigests.Concat(image.RepoTags).Take(MostNames)], SizeBytes = (long)image.Size }),
    ];

    private void Tell(bool down)
    {
        if (down == (Condition.Status == "True"))
        {
            return;
        }

        Condition = down ? Healthy with { Status = "True", Reason = "ContainerdUnhealthy", Message = Down } : Healthy;
        if (down)
        {
            events.Warning(Condition.Reason!, $"Node condition {Condition.Type} is now: True, reason: {Condition.Reason}, message: \"{Down}\"");
        }
        else
        {
            events.Normal(Condition.Reason!, $"Node condition {Condition.Type} is now: False, reason: {Condition.Reason}, message: \"{Condition.Message}\"");
        }
    }

    private static string Reason(RuntimeCondition failing) => failing.Type == "NetworkReady"
        ? $"container runtime network not ready: NetworkReady=false reason:{failing.Reason} message:{failing.Message}"
        : $"container runtime not ready: {failing.Type}=false reason:{failing.Reason} message:{failing.Message}";

    private static string Text(TimeSpan time) => ClusterCore.Resources.GoDuration.Format((long)time.TotalNanoseconds);
}
