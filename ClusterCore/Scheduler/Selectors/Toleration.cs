namespace Flotilla.ClusterCore.Scheduler.Selectors;

internal enum TaintEffect
{
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
    Unknown,
}

internal sealed record NodeTaint(string Key, string Value, TaintEffect Effect)
{
    public static TaintEffect ParseEffect(string? text) =>
        Enum.TryParse<TaintEffect>(text, out var effect) ? effect : TaintEffect.Unknown;
}

/// <param name="Effect">Null tolerates every effect.</param>
internal sealed record PodToleration(string Key, string Operator, string Value, TaintEffect? Effect)
{
    public bool Tolerates(NodeTaint taint)
    {
        if (Effect is { } effect && effect != taint.Effect) { return false; }
        if (Key.Length > 0 && Key != taint.Key) { return false; }
        return Operator switch
        {
            "" or "Equal" => Value == taint.Value,
            "Exists" => true,
            "Lt" => long.TryParse(taint.Value, out var low) && long.TryParse(Value, out var high) && low < high,
            "Gt" => long.TryParse(taint.Value, out var much) && long.TryParse(Value, out var little) && much > little,
            _ => false,
        };
    }
}
