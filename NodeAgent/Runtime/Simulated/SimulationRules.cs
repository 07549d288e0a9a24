using System.Text.Json;
using System.Text.Json.Serialization;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Runtime.Simulated;

/// <summary>
/// How simulated containers behave: of the rules the first that fits. Random choices come from <see cref="Random"/>, time from the clock.
/// A rules file, seconds everywhere:
/// <code>
/// [ {"namespace": "batch", "labels": {"app": "report"}, "startDelay": 1, "startJitter": 0.5, "runFor": 30, "runJitter": 10, "exitCode": 0},
///   {"labels": {"app": "flaky"}, "failureRate": 0.1, "failAfter": 5},
///   {"startDelay": 0.2} ]
/// </code>
/// </summary>
public sealed record SimulationRules(params IReadOnlyList<SimulationRule> Rules)
{
    public Random Random { get; init; } = Random.Shared;

    /// <exception cref="FormatException">It is no list of rules.</exception>
    public static SimulationRules Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return new(JsonSerializer.Deserialize(json, SimulationJson.Default.SimulationRuleArray) ?? []);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"the simulation's rules cannot be read: {exception.Message}", exception);
        }
    }

    internal SimulationRule For(PodSandboxConfig pod) => Rules.FirstOrDefault(rule => rule.Fits(pod)) ?? SimulationRule.Default;
}

/// <summary>What happens to the pods that it fits. Times are in seconds. Set, not initialized: generated readers would set what a file leaves out too.</summary>
public sealed record SimulationRule
{
    internal static SimulationRule Default { get; } = new();

    /// <summary>Null fits every namespace.</summary>
    public string? Namespace { get; set; }

    /// <summary>Those that a pod must have.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; set; } = new Dictionary<string, string>();

    /// <summary>From a sandbox's creation to its readiness.</summary>
    public double StartDelay { get; set; } = 0.05;

    /// <summary>Added to <see cref="StartDelay"/>: anything between nothing and this.</summary>
    public double StartJitter { get; set; } = 0.05;

    /// <summary>After which a container exits by itself, with <see cref="ExitCode"/>; null: never.</summary>
    public double? RunFor { get; set; }

    public double RunJitter { get; set; }

    public int ExitCode { get; set; }

    /// <summary>Of containers, 0 to 1: how many exit with code 1 after <see cref="FailAfter"/>.</summary>
    public double FailureRate { get; set; }

    public double FailAfter { get; set; } = 5;

    internal bool Fits(PodSandboxConfig pod) =>
        (Namespace is null || Namespace == pod.Metadata.Namespace) && Labels.All(label => pod.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    internal TimeSpan Start(Random random) => TimeSpan.FromSeconds(StartDelay + (StartJitter * random.NextDouble()));

    internal (TimeSpan After, int ExitCode)? End(Random random)
    {
        if (FailureRate > 0 && random.NextDouble() < FailureRate) { return (TimeSpan.FromSeconds(FailAfter), 1); }
        return RunFor is { } seconds ? (TimeSpan.FromSeconds(seconds + (RunJitter * random.NextDouble())), ExitCode) : null;
    }
}

[JsonSerializable(typeof(SimulationRule[]))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class SimulationJson : JsonSerializerContext;

/// <summary>Annotations of a container's configuration that count before the rules.</summary>
public static class SimulationAnnotations
{
    /// <summary>Seconds after which the container exits by itself; without it, it does as its rule says.</summary>
    public const string RunSeconds = "simulation.flotilla.io/run-seconds";

    public const string ExitCode = "simulation.flotilla.io/exit-code";
}
