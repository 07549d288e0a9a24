using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Flotilla.NodeAgent.Kubelet.Problems;

/// <summary>
/// One log and what its lines mean, in the node problem detector's form, so that its files can be used:
/// <c>{"plugin":"kmsg","conditions":[…],"rules":[{"type":"permanent","condition":"KernelDeadlock","reason":"…","pattern":"…"}]}</c>.
/// </summary>
internal sealed record ProblemRules
{
    /// <summary><c>kmsg</c>, <c>journald</c> or <c>filelog</c>.</summary>
    public string Plugin { get; set; } = "kmsg";

    /// <summary>Of filelog: the file. Of journald: the journal's folder, or nothing for the machine's own.</summary>
    public string LogPath { get; set; } = "";

    /// <summary>Of journald: <c>source</c>, who speaks, such as <c>dockerd</c>; nothing for all.</summary>
    public Dictionary<string, string> PluginConfig { get; set; } = [];

    /// <summary>Older lines are of no interest; <c>5m</c> unless said otherwise.</summary>
    public string Lookback { get; set; } = "5m";

    public string Source { get; set; } = "kernel-monitor";

    public ProblemCondition[] Conditions { get; set; } = [];

    public ProblemRule[] Rules { get; set; } = [];

    /// <summary>What is watched for where nothing else is said.</summary>
    public static IReadOnlyList<ProblemRules> Default()
    {
        using var json = typeof(ProblemRules).Assembly.GetManifestResourceStream("problem-rules.json")
            ?? throw new InvalidOperationException("the default rules are not in the assembly");
        return Parse(json);
    }

    /// <exception cref="FormatException">A file is no list of rules, or a rule names a condition that nobody declares.</exception>
    public static IReadOnlyList<ProblemRules> Load(string file)
    {
        using var json = File.OpenRead(file);
        try
        {
            return Parse(json);
        }
        catch (Exception exception) when (exception is JsonException or RegexParseException or FormatException)
        {
            throw new FormatException($"{file}: {exception.Message}", exception);
        }
    }

    private static ProblemRules[] Parse(Stream json)
    {
        var all = JsonSerializer.Deserialize(json, ProblemJson.Default.ProblemRulesArray) ?? [];
        foreach (var log in all)
        {
            var unknown = log.Rules.FirstOrDefault(rule => rule.Permanent && !log.Conditions.Any(condition => condition.Type == rule.Condition));
            if (unknown is not null)
            {
                throw new FormatException($"rule {unknown.Reason} is of condition {unknown.Condition}, which is not among the conditions");
            }

            _ = log.Rules.Select(rule => rule.Regex).ToList();
        }

        return all;
    }
}

/// <summary>What a condition says while all is well.</summary>
internal sealed record ProblemCondition
{
    public required string Type { get; set; }
    public required string Reason { get; set; }
    public required string Message { get; set; }
}

/// <summary>A line that matches is an event (temporary), or makes a condition true until the machine starts anew (permanent).</summary>
internal sealed record ProblemRule
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    public required string Type { get; set; }
    public string Condition { get; set; } = "";
    public required string Reason { get; set; }
    public required string Pattern { get; set; }

    [JsonIgnore]
    public bool Permanent => Type == "permanent";

    [JsonIgnore]
    public Regex Regex => field ??= new(Pattern, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Longest);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(ProblemRules[]))]
internal sealed partial class ProblemJson : JsonSerializerContext;
