using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Selection;

/// <summary>Whether labels satisfy a selector. A selector that is absent matches nothing, an empty one everything.</summary>
internal static class LabelMatch
{
    public static bool Matches(this LabelSelectorSpec? selector, IReadOnlyDictionary<string, string>? labels)
    {
        if (selector is null)
        {
            return false;
        }
        return Matches(selector.MatchLabels, labels)
            && (selector.MatchExpressions ?? []).All(requirement => Matches(requirement, labels));
    }

    /// <summary>Equality of each label; absent or empty wants nothing and matches everything.</summary>
    public static bool Matches(IReadOnlyDictionary<string, string>? wanted, IReadOnlyDictionary<string, string>? labels)
    {
        foreach (var (key, value) in wanted ?? EmptyLabels)
        {
            if (labels is null || !labels.TryGetValue(key, out var found) || found != value)
            {
                return false;
            }
        }
        return true;
    }

    public static bool IsEmpty(this LabelSelectorSpec? selector) =>
        selector is null || (selector.MatchLabels is not { Count: > 0 } && selector.MatchExpressions is not { Length: > 0 });

    private static readonly Dictionary<string, string> EmptyLabels = [];

    private static bool Matches(LabelSelectorRequirement requirement, IReadOnlyDictionary<string, string>? labels)
    {
        string? value = null;
        var present = labels?.TryGetValue(requirement.Key, out value) ?? false;
        return requirement.Operator switch
        {
            "In" => present && requirement.Values?.Contains(value) == true,
            "NotIn" => !present || requirement.Values?.Contains(value) != true,
            "Exists" => present,
            "DoesNotExist" => !present,
            _ => false,
        };
    }
}
