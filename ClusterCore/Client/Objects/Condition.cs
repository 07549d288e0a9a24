namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Condition
{
    public string Type { get; set; } = "";
    public string Status { get; set; } = "";
    public long ObservedGeneration { get; set; }
    public DateTimeOffset? LastTransitionTime { get; set; }
    public string Reason { get; set; } = "";
    public string Message { get; set; } = "";
}
