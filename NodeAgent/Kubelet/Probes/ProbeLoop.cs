using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Probes;

/// <summary>Counts one probe's results against its thresholds.</summary>
internal sealed class ProbeCounter(Probe probe, bool initial)
{
    private int run;
    private bool? last;

    /// <summary>What the probe says of the container now.</summary>
    public bool Healthy { get; private set; } = initial;

    /// <summary>Whether any threshold has been reached yet.</summary>
    public bool Decided { get; private set; }

    /// <returns>True when the verdict was reached or has changed.</returns>
    public bool Add(bool success)
    {
        run = last == success ? run + 1 : 1;
        last = success;
        var threshold = success ? Math.Max(probe.SuccessThreshold, 1) : probe.FailureThreshold > 0 ? probe.FailureThreshold : 3;
        if (run < threshold || (Decided && Healthy == success))
        {
            return false;
        }

        (Healthy, Decided) = (success, true);
        return true;
    }
}
