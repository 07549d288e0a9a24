using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.Scheduler.Selectors;

/// <summary>A label selector over pods, ready to match. Two of the same meaning have the same <see cref="Key"/>.</summary>
internal sealed class PodSelector(IReadOnlyList<LabelRequirement> requirements)
{
    /// <summary>The null selector of the API.</summary>
    public static PodSelector Nothing { get; } = new([new("", SelectorOperator.In, [])]);

    public string Key { get; } = string.Join(';', requirements.Select(one => one.ToString()).Order(StringComparer.Ordinal));

    public IReadOnlyList<LabelRequirement> Requirements => requirements;

    public bool MatchesEverything => requirements.Count == 0;

    public static PodSelector OfLabels(IEnumerable<KeyValuePair<string, string>> labels) =>
        new([.. labels.Select(label => new LabelRequirement(label.Key, SelectorOperator.In, [label.Value]))]);

    public PodSelector And(IEnumerable<LabelRequirement> more) => ReferenceEquals(this, Nothing) ? this : new([.. requirements, .. more]);

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in requirements)
        {
            if (!requirement.Matches(labels.TryGetValue(requirement.Key, out var value) ? value : null)) { return false; }
        }
        return true;
    }
}

internal static class LabelRequirementFacts
{
    /// <summary>The one value the label must have; null when the requirement is of another sort.</summary>
    public static string? OnlyValue(this LabelRequirement requirement) =>
        requirement is { Operator: SelectorOperator.In or SelectorOperator.Equals, Values: [var value] } ? value : null;
}
