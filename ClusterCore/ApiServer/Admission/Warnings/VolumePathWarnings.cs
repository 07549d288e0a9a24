using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Warnings;

/// <summary>Files of one volume that would lie on, or in, each other.</summary>
internal static class VolumePathWarnings
{
    public static IEnumerable<string> Of(JsonObject volume)
    {
        var name = FieldError.Quote(volume.Text("name") ?? "");
        foreach (var (paths, source) in ((IEnumerable<string>, string)[])
            [
                (Items(volume.Object("configMap")), $"ConfigMap {Quote(volume.Object("configMap"), "name")}"),
                (Items(volume.Object("secret")), $"Secret {Quote(volume.Object("secret"), "secretName")}"),
                (Items(volume.Object("downwardAPI")), "DownwardAPI"),
            ])
        {
            foreach (var warning in Overlaps(paths, $"volume {name} ({source}): overlapping paths")) { yield return warning; }
        }

        var all = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var projection in volume.Object("projected")?.Items("sources") ?? [])
        {
            if (Projected(projection) is not { } source)
            {
                if (projection.Count == 0) { yield return $"volume {name} (Projected) has no sources provided"; }
                continue;
            }

            var message = $"volume {name} (Projected {source.Name}): overlapping paths";
            string[] own = [.. source.Paths];
            foreach (var warning in Overlaps(own, message).Concat(Overlaps(own.Distinct().Concat(all).Order(StringComparer.Ordinal), message))) { yield return warning; }
            all.UnionWith(own);
        }
    }

    private static (IEnumerable<string> Paths, string Name)? Projected(JsonObject source)
    {
        if (source.Object("configMap") is { } map) { return (Items(map), $"ConfigMap {Quote(map, "name")}"); }
        if (source.Object("secret") is { } secret) { return (Items(secret), $"Secret {Quote(secret, "name")}"); }
        if (source.Object("downwardAPI") is { } downward) { return (Items(downward), "DownwardAPI"); }
        if (source.Object("serviceAccountToken") is { } token) { return ([token.Text("path") ?? ""], "ServiceAccountToken"); }
        return source.Object("clusterTrustBundle") is { } bundle
            ? ([bundle.Text("path") ?? ""], $"ClusterTrustBundle {Quote(bundle, bundle.Has("name") ? "name" : "signerName")}")
            : null;
    }

    private static IEnumerable<string> Items(JsonObject? source) => source?.Items("items").Select(static item => item.Text("path") ?? "") ?? [];

    private static string Quote(JsonObject? source, string field) => FieldError.Quote(source?.Text(field) ?? "");

    private static IEnumerable<string> Overlaps(IEnumerable<string> paths, string message)
    {
        var seen = new List<string>();
        foreach (var path in paths.Select(static path => path.TrimEnd('/')))
        {
            if (seen.Find(other => Overlap(other, path)) is { } other) { yield return $"{message}: {FieldError.Quote(path)} with {FieldError.Quote(other)}"; }
            if (!seen.Contains(path)) { seen.Add(path); }
        }
    }

    // As upstream: "log" and "logs" are taken for overlapping too.
    private static bool Overlap(string one, string other) => one.Length > 0 && other.Length > 0
        && ($"{one}/".StartsWith(other, StringComparison.Ordinal) || $"{other}/".StartsWith(one, StringComparison.Ordinal));
}
