using System.Globalization;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Selectors;

namespace Flotilla.ClusterCore.Resources;

public enum SelectorOperator { Equals, NotEquals, In, NotIn, Exists, DoesNotExist, GreaterThan, LessThan }

/// <summary>All requirements must hold. The empty selector selects everything.</summary>
public sealed class LabelSelector(IReadOnlyList<LabelRequirement> requirements)
{
    public static readonly LabelSelector Everything = new([]);

    public IReadOnlyList<LabelRequirement> Requirements => requirements;

    public bool IsEmpty => requirements.Count == 0;

    /// <summary>Parses the form of URLs and command lines: <c>app=web,tier in (a,b),!debug</c>.</summary>
    public static bool TryParse(string? text, out LabelSelector selector, out string? error)
    {
        selector = Everything;
        error = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        var parsed = new LabelSelectorParser(text).Parse(out error);
        selector = parsed is null ? Everything : new LabelSelector(parsed);
        return parsed is not null;
    }

    /// <summary>
    /// The form inside objects, {matchLabels, matchExpressions}. Null, a missing selector, selects nothing, as upstream; so does
    /// one whose operators are unknown (validation refuses those).
    /// </summary>
    public static LabelSelector? FromObject(JsonObject? selector)
    {
        if (selector is null)
        {
            return null;
        }

        var requirements = new List<LabelRequirement>();
        foreach (var (key, value) in selector["matchLabels"] as JsonObject ?? [])
        {
            requirements.Add(new(key, SelectorOperator.Equals, [value?.GetValue<string>() ?? ""]));
        }

        foreach (var expression in selector["matchExpressions"] as JsonArray ?? [])
        {
            if (Operator(expression?["operator"]?.GetValue<string>()) is not { } known)
            {
                return null;
            }

            string[] values = [.. (expression!["values"] as JsonArray ?? []).Select(static value => value!.GetValue<string>())];
            requirements.Add(new(expression["key"]?.GetValue<string>() ?? "", known, values));
        }

        return new LabelSelector(requirements);
    }

    /// <summary>A plain map of labels, as in a Service's selector.</summary>
    public static LabelSelector FromMap(JsonObject? labels) =>
        new([.. (labels ?? []).Select(static label => new LabelRequirement(label.Key, SelectorOperator.Equals, [label.Value?.GetValue<string>() ?? ""]))]);

    public bool Matches(JsonObject? labels)
    {
        foreach (var requirement in requirements)
        {
            var value = labels is not null && labels.TryGetPropertyValue(requirement.Key, out var node) ? node?.GetValue<string>() ?? "" : null;
            if (!requirement.Matches(value))
            {
                return false;
            }
        }

        return true;
    }

    public bool Matches(IReadOnlyDictionary<string, string>? labels)
    {
        foreach (var requirement in requirements)
        {
            if (!requirement.Matches(labels?.GetValueOrDefault(requirement.Key)))
            {
                return false;
            }
        }

        return true;
    }

    public override string ToString() => string.Join(',', requirements);

    private static SelectorOperator? Operator(string? name) => name switch
    {
        "In" => SelectorOperator.In,
        "NotIn" => SelectorOperator.NotIn,
        "Exists" => SelectorOperator.Exists,
        "DoesNotExist" => SelectorOperator.DoesNotExist,
        _ => null,
    };
}

public sealed record LabelRequirement(string Key, SelectorOperator Operator, IReadOnlyList<string> Values)
{
    /// <param name="value">Null: the label is not there.</param>
    public bool Matches(string? value) => Operator switch
    {
        SelectorOperator.Equals or SelectorOperator.In => value is not null && Values.Contains(value, StringComparer.Ordinal),
        SelectorOperator.NotEquals or SelectorOperator.NotIn => value is null || !Values.Contains(value, StringComparer.Ordinal),
        SelectorOperator.Exists => value is not null,
        SelectorOperator.DoesNotExist => value is null,
        SelectorOperator.GreaterThan => Compare(value) > 0,
        _ => Compare(value) < 0,
    };

    public override string ToString() => Operator switch
    {
        SelectorOperator.Equals => $"{Key}={Values[0]}",
        SelectorOperator.NotEquals => $"{Key}!={Values[0]}",
        SelectorOperator.In => $"{Key} in ({string.Join(',', Values.Order(StringComparer.Ordinal))})",
        SelectorOperator.NotIn => $"{Key} notin ({string.Join(',', Values.Order(StringComparer.Ordinal))})",
        SelectorOperator.Exists => Key,
        SelectorOperator.DoesNotExist => $"!{Key}",
        SelectorOperator.GreaterThan => $"{Key}>{Values[0]}",
        _ => $"{Key}<{Values[0]}",
    };

    /// <summary>0 when either side is no number, which satisfies neither operator.</summary>
    private int Compare(string? value) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var left)
        && long.TryParse(Values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right) : 0;
}
