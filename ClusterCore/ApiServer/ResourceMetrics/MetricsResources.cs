using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.ResourceMetrics;

/// <summary><c>metrics.k8s.io/v1beta1</c>, which in other clusters an add-on serves: figures that are computed and never stored.</summary>
internal static class MetricsResources
{
    public const string Group = "metrics.k8s.io";
    private const string Version = "v1beta1";
    private static readonly string[] verbs = ["get", "list"];

    public static readonly IReadOnlyList<ResourceInfo> All =
    [
        new(Group, Version, "NodeMetrics", "nodes", "", Namespaced: false, verbs, [], [], [], []),
        new(Group, Version, "PodMetrics", "pods", "", Namespaced: true, verbs, [], [], [], []),
    ];

    public static ResourceInfo? Find(string group, string version, string plural) =>
        group == Group && version == Version ? All.FirstOrDefault(resource => resource.Plural == plural) : null;
}
