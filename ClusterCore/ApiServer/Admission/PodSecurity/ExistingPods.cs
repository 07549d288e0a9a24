using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.PodSecurity;

/// <summary>Tells which pods would not be let in any more under a namespace's new level; they stay as they are.</summary>
internal static class ExistingPods
{
    private const int MostChecked = 3000;
    private static readonly GroupResource pods = new("", "pods");

    public static IEnumerable<string> Warnings(WatchFeed feed, string @namespace, SecurityStandard standard)
    {
        var all = feed.Of(pods).List(@namespace).Entries;
        var found = all.Take(MostChecked).Select(entry => entry.Parse())
            .Select(pod => (Name: pod.Name(), Reasons: Reasons(pod, standard))).Where(one => one.Reasons.Length > 0)
            .GroupBy(one => one.Reasons, one => one.Name, StringComparer.Ordinal).Select(Describe).Order(StringComparer.Ordinal).ToArray();
        if (all.Length > MostChecked) { yield return $"new PodSecurity enforce level only checked against the first {MostChecked} of {all.Length} existing pods"; }
        if (found.Length > 0) { yield return $"existing pods in namespace \"{@namespace}\" violate the new PodSecurity enforce level \"{standard}\""; }
        foreach (var warning in found) { yield return warning; }
    }

    private static string Reasons(JsonObject pod, SecurityStandard standard) =>
        string.Join(", ", SecurityChecks.Run(standard, new(pod.Metadata(), pod.Spec() ?? [])).Select(violation => violation.Reason));

    private static string Describe(IGrouping<string, string> alike)
    {
        var names = alike.Order(StringComparer.Ordinal).ToArray();
        var others = names.Length switch { 1 => "", 2 => " (and 1 other pod)", var count => $" (and {count - 1} other pods)" };
        return $"{names[0]}{others}: {alike.Key}";
    }
}
