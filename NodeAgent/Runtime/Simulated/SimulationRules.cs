namespace Flotilla.NodeAgent.Runtime.Simulated;

/// <summary>How simulated containers behave. Random choices come from <see cref="Random"/>, time from the clock.</summary>
public sealed record SimulationRules
{
    /// <summary>From a sandbox's creation to its readiness.</summary>
    public TimeSpan StartDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Added to <see cref="StartDelay"/>: anything between nothing and this.</summary>
    public TimeSpan StartJitter { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Of containers, 0 to 1: how many exit with code 1 after <see cref="FailAfter"/>.</summary>
    public double FailureRate { get; init; }

    public TimeSpan FailAfter { get; init; } = TimeSpan.FromSeconds(5);

    public Random Random { get; init; } = Random.Shared;
}

/// <summary>Annotations of a container's configuration that the simulated runtime goes by.</summary>
public static class SimulationAnnotations
{
    /// <summary>Seconds after which the container exits by itself; without it, it runs until it is stopped.</summary>
    public const string RunSeconds = "simulation.flotilla.io/run-seconds";

    public const string ExitCode = "simulation.flotilla.io/exit-code";
}
