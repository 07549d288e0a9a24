using System.Text.RegularExpressions;

namespace Flotilla.ClusterCore.ApiServer.Discovery;

/// <summary>Kubernetes' order of versions: GA before beta before alpha, then the higher number (v2, v1, v1beta1, v1alpha1).</summary>
internal sealed partial class VersionPriority : IComparer<string>
{
    public static readonly VersionPriority Comparer = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Rank(x ?? ""), Rank(y ?? ""));
        var compared = left.CompareTo(right);
        return compared != 0 ? compared : string.CompareOrdinal(y, x);
    }

    private static (int Stage, long Major, long Minor) Rank(string version)
    {
        var match = Pattern().Match(version);
        if (!match.Success) { return (-1, 0, 0); }
        var stage = match.Groups["stage"].Value switch { "" => 2, "beta" => 1, _ => 0 };
        return (stage, long.Parse(match.Groups["major"].Value), match.Groups["minor"].Success ? long.Parse(match.Groups["minor"].Value) : 0);
    }

    [GeneratedRegex(@"^v(?<major>\d{1,9})((?<stage>alpha|beta)(?<minor>\d{1,9}))?$", RegexOptions.ExplicitCapture, 100)]
    private static partial Regex Pattern();
}
