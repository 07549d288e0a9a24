using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Runtime;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Nodes;

/// <summary>
/// Whether the container runtime is fit for pods, in upstream's words. A runtime that is being started anew is no reason to call
/// the node unready: only a silence that lasts is.
/// </summary>
internal sealed class RuntimeHealth(ICriRuntime runtime, KubeletOptions options, TimeProvider clock)
{
    private static readonly TimeSpan RelistThreshold = TimeSpan.FromMinutes(3);

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
            (version, answeredAt, refusal) = ($"{answer.RuntimeName}://{answer.RuntimeVersion}", now, failing is null ? null : Reason(failing));
        }
        catch (CriException)
        {
            refusal = answeredAt is not { } last
                ? "container runtime status check may not have completed yet"
                : now - last > options.RuntimeDownAfter ? "container runtime is down" : refusal;
        }

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

    private static string Reason(RuntimeCondition failing) => failing.Type == "NetworkReady"
        ? $"container runtime network not ready: NetworkReady=false reason:{failing.Reason} message:{failing.Message}"
        : $"container runtime not ready: {failing.Type}=false reason:{failing.Reason} message:{failing.Message}";

    private static string Text(TimeSpan time) => ClusterCore.Resources.GoDuration.Format((long)time.TotalNanoseconds);
}
