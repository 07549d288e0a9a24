namespace Flotilla.NodeAgent.Kubelet.Probes;

/// <param name="Output">What a failing probe said.</param>
public readonly record struct ProbeResult(bool Success, string Output)
{
    public static ProbeResult Passed { get; } = new(true, "");

    public static ProbeResult Failed(string output) => new(false, output);
}

public enum ProbeKind
{
    Startup,
    Liveness,
    Readiness,
}
