namespace Flotilla.ClusterCore.Client.Objects;

public sealed record LabelSelectorSpec
{
    public IReadOnlyDictionary<string, string>? MatchLabels { get; set; }
    public LabelSelectorRequirement[]? MatchExpressions { get; set; }
}

public sealed record LabelSelectorRequirement
{
    public string Key { get; set; } = "";
    public string Operator { get; set; } = "";
    public string[]? Values { get; set; }
}
