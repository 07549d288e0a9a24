namespace Flotilla.NodeAgent.Kubelet.Probes;

/// <param name="Output">What a failing probe said, or what is odd about one that passes.</param>
public readonly record struct ProbeResult(bool Success, string Output)
{
    public static ProbeResult Passed { get; } = new(true, "");

    public static ProbeResult Odd(string output) => new(true, output);

    public static ProbeResult Failed(string output) => new(false, output);
}

public enum ProbeKind
{
    Startup,
    Liveness,
    Readiness,
}
