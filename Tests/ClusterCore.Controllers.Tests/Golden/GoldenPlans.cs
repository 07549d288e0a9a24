using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Certificates;
using Flotilla.ClusterCore.Controllers.ClusterRoles;
using Flotilla.ClusterCore.Controllers.CronJobs;
using Flotilla.ClusterCore.Controllers.DaemonSets;
using Flotilla.ClusterCore.Controllers.Deployments;
using Flotilla.ClusterCore.Controllers.Disruption;
using Flotilla.ClusterCore.Controllers.GarbageCollection;
using Flotilla.ClusterCore.Controllers.Jobs;
using Flotilla.ClusterCore.Controllers.LoadBalancers;
using Flotilla.ClusterCore.Controllers.Namespaces;
using Flotilla.ClusterCore.Controllers.Nodes;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Quotas;
using Flotilla.ClusterCore.Controllers.ReplicaSets;
using Flotilla.ClusterCore.Controllers.Revisions;
using Flotilla.ClusterCore.Controllers.ServiceAccounts;
using Flotilla.ClusterCore.Controllers.ServiceDiscovery;
using Flotilla.ClusterCore.Controllers.StatefulSets;
using Flotilla.ClusterCore.Controllers.Volumes;

namespace Flotilla.ClusterCore.Controllers.Tests.Golden;

/// <summary>How the plan of each folder of cases is computed, and shown.</summary>
internal static partial class GoldenPlans
{
    public static readonly IReadOnlyDictionary<string, GoldenPlan> All = new Dictionary<string, GoldenPlan>(StringComparer.Ordinal)
    {
        ["Certificates"] = new(Certificates, typeof(CertificatePlan)),
        ["Claims"] = new(Claims, typeof(ClaimPlan)),
        ["ClusterRoles"] = new(ClusterRoles, typeof(AggregatedRules)),
        ["CronJobs"] = new(CronJobs, typeof(CronJobPlan)),
        ["DaemonSets"] = new(DaemonSets, typeof(DaemonSetPlan)),
        ["Deployments"] = new(Deployments, typeof(DeploymentPlan)),
        ["Disruption"] = new(Disruption, typeof(DisruptionPlan)),
        ["EndpointSlices"] = new(EndpointSlices, typeof(EndpointSlicePlan)),
        ["Endpoints"] = new(Endpoints, typeof(EndpointsPlan)),
        ["FinishedJobs"] = new(FinishedJobs, typeof(FinishedJobPlan)),
        ["Garbage"] = new(Garbage, typeof(GarbagePlan)),
        ["Jobs"] = new(Jobs, typeof(JobPlan), typeof(JobStatusPlan)),
        ["LoadBalancers"] = new(LoadBalancers, typeof(LoadBalancerPlan)),
        ["Mirrors"] = new(Mirrors, typeof(MirrorPlan)),
        ["Namespaces"] = new(Namespaces, typeof(NamespacePlan)),
        ["NodeIpam"] = new(NodeIpam, typeof(CidrBlocks)),
        ["NodeLifecycle"] = new(NodeLifecycle, typeof(NodeLifecyclePlan)),
        ["NodeTaints"] = new(NodeTaints, typeof(NodeTaints)),
        ["PodGarbage"] = new(PodGarbage, typeof(PodGarbagePlan)),
        ["Quotas"] = new(Quotas, typeof(QuotaPlan)),
        ["ReplicaSets"] = new(ReplicaSets, typeof(ReplicaSetPlan)),
        ["Revisions"] = new(Revisions, typeof(RevisionPlan)),
        ["RootCertificates"] = new(RootCertificates, typeof(RootCertificatePlan)),
        ["StaleDisruption"] = new(StaleDisruption, typeof(StaleDisruptionPlan)),
        ["StatefulSets"] = new(StatefulSets, typeof(StatefulSetPlan)),
        ["StorageProtection"] = new(StorageProtection, typeof(StorageProtectionPlan)),
        ["TaintEviction"] = new(TaintEviction, typeof(TaintEvictionPlan)),
        ["TokenSecrets"] = new(TokenSecrets, typeof(TokenSecretPlan)),
        ["Topology"] = new(Topology, typeof(TopologyPlan), typeof(ZoneShares)),
        ["Zones"] = new(Zones, typeof(ZonePlan)),
    };

    private static JsonNode? Tree<T>(T value, JsonTypeInfo<T> json) => JsonSerializer.SerializeToNode(value, json);

    private static JsonArray Names(IEnumerable<KubernetesObject> objects) => [.. objects.Select(value => (JsonNode)value.Metadata.Name)];

    private static JsonNode? Seconds(TimeSpan? wait) => wait is { } time ? JsonValue.Create(time.TotalSeconds) : null;

    private static JsonNode? Time(DateTimeOffset? time) => time is { } known ? TimeConverter.ToText(known) : null;
}

/// <param name="Types">What the cases are of.</param>
internal sealed record GoldenPlan(Func<GoldenCase, JsonObject> Compute, params Type[] Types);
