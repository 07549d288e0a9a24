using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client.Placement;

/// <summary>Which taints a pod bears. The operators <c>Lt</c> and <c>Gt</c> are alpha in 1.36 and bear none.</summary>
public static class Tolerations
{
    public static bool Tolerates(this IEnumerable<Toleration>? tolerations, Taint taint) =>
        tolerations?.Any(toleration => toleration.Tolerates(taint)) == true;

    /// <summary>An effect or a key that is left out stands for all.</summary>
    public static bool Tolerates(this Toleration toleration, Taint taint) =>
        (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && (string.IsNullOrEmpty(toleration.Key) || toleration.Key == taint.Key)
        && toleration.Operator switch
        {
            null or "" or "Equal" => (toleration.Value ?? "") == (taint.Value ?? ""),
            "Exists" => true,
            _ => false,
        };
}
