using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Tests.Golden;

/// <summary>How the plan of each folder of cases is computed, and shown.</summary>
internal static partial class GoldenPlans
{
    public static readonly IReadOnlyDictionary<string, Func<GoldenCase, JsonObject>> All = new Dictionary<string, Func<GoldenCase, JsonObject>>(StringComparer.Ordinal)
    {
        ["Certificates"] = Certificates,
        ["Claims"] = Claims,
        ["ClusterRoles"] = ClusterRoles,
        ["CronJobs"] = CronJobs,
        ["DaemonSets"] = DaemonSets,
        ["Deployments"] = Deployments,
        ["Disruption"] = Disruption,
        ["EndpointSlices"] = EndpointSlices,
        ["Endpoints"] = Endpoints,
        ["FinishedJobs"] = FinishedJobs,
        ["Garbage"] = Garbage,
        ["Jobs"] = Jobs,
        ["LoadBalancers"] = LoadBalancers,
        ["Mirrors"] = Mirrors,
        ["Namespaces"] = Namespaces,
        ["NodeIpam"] = NodeIpam,
        ["NodeLifecycle"] = NodeLifecycle,
        ["NodeTaints"] = NodeTaints,
        ["PodGarbage"] = PodGarbage,
        ["Quotas"] = Quotas,
        ["ReplicaSets"] = ReplicaSets,
        ["RootCertificates"] = RootCertificates,
        ["StaleDisruption"] = StaleDisruption,
        ["StatefulSets"] = StatefulSets,
        ["StorageProtection"] = StorageProtection,
        ["TaintEviction"] = TaintEviction,
        ["TokenSecrets"] = TokenSecrets,
        ["Zones"] = Zones,
    };

    private static JsonNode? Tree<T>(T value, JsonTypeInfo<T> json) => JsonSerializer.SerializeToNode(value, json);

    private static JsonArray Names(IEnumerable<KubernetesObject> objects) => [.. objects.Select(value => (JsonNode)value.Metadata.Name)];

    private static JsonNode? Seconds(TimeSpan? wait) => wait is { } time ? JsonValue.Create(time.TotalSeconds) : null;

    private static JsonNode? Time(DateTimeOffset? time) => time is { } known ? TimeConverter.ToText(known) : null;
}
