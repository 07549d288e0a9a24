using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>
/// What differs by kind in what the server does to metadata, spec and status on a write. One row per rule; kinds without a row
/// follow the general one.
/// </summary>
internal static class KindRules
{
    /// <summary>Kinds whose <c>metadata.generation</c> the server counts.</summary>
    private static readonly HashSet<string> counted = new(StringComparer.Ordinal)
    {
        "apps/Deployment", "apps/ReplicaSet", "apps/DaemonSet", "apps/StatefulSet", "/ReplicationController", "/Pod", "batch/Job", "batch/CronJob",
        "networking.k8s.io/Ingress", "networking.k8s.io/IngressClass", "networking.k8s.io/NetworkPolicy", "policy/PodDisruptionBudget",
        "discovery.k8s.io/EndpointSlice", "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io/MutatingWebhookConfiguration", "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
        "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io/MutatingAdmissionPolicy",
        "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding", "/PodTemplate", "resource.k8s.io/ResourceSlice", "resource.k8s.io/DeviceClass",
        "apiextensions.k8s.io/CustomResourceDefinition", "flowcontrol.apiserver.k8s.io/FlowSchema",
        "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration",
    };

    /// <summary>Kinds that may be created with a status: a kubelet registers its node so.</summary>
    private static readonly HashSet<string> bornWithStatus = new(StringComparer.Ordinal) { "/Node" };

    /// <summary>Kinds whose labels a status write leaves alone.</summary>
    private static readonly HashSet<string> statusKeepsLabels = new(StringComparer.Ordinal)
    {
        "apps/Deployment", "apps/ReplicaSet", "apps/DaemonSet", "apps/StatefulSet",
    };

    /// <summary>Kinds of whose metadata a status write changes nothing.</summary>
    private static readonly HashSet<string> statusKeepsMetadata = new(StringComparer.Ordinal)
    {
        "admissionregistration.k8s.io/ValidatingAdmissionPolicy", "flowcontrol.apiserver.k8s.io/FlowSchema",
        "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration", "networking.k8s.io/ServiceCIDR", "resource.k8s.io/ResourceClaim",
        "storage.k8s.io/VolumeAttachment",
    };

    /// <summary>Kinds that are not written over blindly: an update says which version it is of.</summary>
    private static readonly HashSet<string> neverBlindly = new(StringComparer.Ordinal)
    {
        "admissionregistration.k8s.io/MutatingWebhookConfiguration", "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io/MutatingAdmissionPolicy", "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding",
        "admissionregistration.k8s.io/ValidatingAdmissionPolicy", "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
        "apiextensions.k8s.io/CustomResourceDefinition", "apiregistration.k8s.io/APIService", "coordination.k8s.io/Lease", "node.k8s.io/RuntimeClass",
        "policy/PodDisruptionBudget", "storage.k8s.io/CSIDriver", "storage.k8s.io/CSINode", "storage.k8s.io/CSIStorageCapacity", "storage.k8s.io/VolumeAttachment",
    };

    /// <summary>Kinds that a PUT makes where there is none of that name.</summary>
    private static readonly HashSet<string> madeByPut = new(StringComparer.Ordinal)
    {
        "/Endpoints", "/Event", "/LimitRange", "/Service", "coordination.k8s.io/Lease", "events.k8s.io/Event", "node.k8s.io/RuntimeClass",
        "rbac.authorization.k8s.io/ClusterRole", "rbac.authorization.k8s.io/ClusterRoleBinding", "rbac.authorization.k8s.io/Role",
        "rbac.authorization.k8s.io/RoleBinding",
    };

    /// <summary>Kinds whose deletion is answered with the object, not with a Status.</summary>
    private static readonly HashSet<string> shownWhenDeleted = new(StringComparer.Ordinal)
    {
        "/Namespace", "/PersistentVolume", "/PersistentVolumeClaim", "/Pod", "/PodTemplate", "/ResourceQuota", "/Service", "/ServiceAccount",
        "resource.k8s.io/DeviceClass", "resource.k8s.io/ResourceClaim", "resource.k8s.io/ResourceClaimTemplate", "resource.k8s.io/ResourceSlice",
        "storage.k8s.io/CSIDriver", "storage.k8s.io/CSINode", "storage.k8s.io/StorageClass", "storage.k8s.io/VolumeAttachment",
        "storage.k8s.io/VolumeAttributesClass",
    };

    public static string Id(ResourceInfo resource) => $"{resource.Group}/{resource.Kind}";

    /// <summary>CSI drivers begin to count with their first change.</summary>
    public static bool CountsGeneration(ResourceInfo resource) => resource.IsCustom() || counted.Contains(Id(resource)) || Id(resource) == "storage.k8s.io/CSIDriver";

    /// <summary>Priority classes have a first generation and no other.</summary>
    public static bool HasGeneration(ResourceInfo resource) =>
        resource.IsCustom() || counted.Contains(Id(resource)) || Id(resource) == "scheduling.k8s.io/PriorityClass";

    /// <summary>What of metadata counts as a change of what is wanted.</summary>
    public static string? CountedMetadata(ResourceInfo resource) => Id(resource) switch
    {
        "apps/Deployment" => "annotations",
        "discovery.k8s.io/EndpointSlice" => "labels",
        _ => null,
    };

    public static bool UpdatesNameTheirVersion(ResourceInfo resource) => resource.IsCustom() || neverBlindly.Contains(Id(resource));

    public static bool PutCreates(ResourceInfo resource) => madeByPut.Contains(Id(resource));

    public static bool DeletionShowsObject(ResourceInfo resource) => shownWhenDeleted.Contains(Id(resource));

    /// <summary>As the first clients of these two expect: what belongs to them stays, unless they say otherwise.</summary>
    public static bool OrphansByDefault(ResourceInfo resource) => Id(resource) is "/ReplicationController" or "batch/Job";

    /// <summary>No event is an owner: what a deletion says of dependents means nothing to it.</summary>
    public static bool HasDependents(ResourceInfo resource) => resource.Kind != "Event" || resource.IsCustom();

    public static bool HasStatus(ResourceInfo resource) => resource.Subresource("status") is not null;

    public static bool KeepsStatusAtBirth(ResourceInfo resource) => bornWithStatus.Contains(Id(resource));

    public static bool StatusKeepsMetadata(ResourceInfo resource) => statusKeepsMetadata.Contains(Id(resource));

    public static bool StatusKeepsLabels(ResourceInfo resource) => statusKeepsLabels.Contains(Id(resource));

    /// <summary>What whoever still uses a kind is told.</summary>
    public static string? DeprecationOf(ResourceInfo resource) => Id(resource) switch
    {
        "/ComponentStatus" => "v1 ComponentStatus is deprecated in v1.19+",
        "/Endpoints" => "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
        _ => null,
    };

    /// <summary>Custom resources have their schema from a definition, not from the catalog.</summary>
    public static bool IsCustom(this ResourceInfo resource) => ApiCatalog.Default.Resource(resource.Group, resource.Version, resource.Plural) is null;

    /// <summary>The status an object is born with.</summary>
    public static JsonObject? FirstStatus(ResourceInfo resource, JsonObject obj) => Id(resource) switch
    {
        "/Pod" => PodStatus(obj),
        "/Namespace" => new() { ["phase"] = "Active" },
        "/PersistentVolume" => new() { ["phase"] = "Pending", ["lastPhaseTransitionTime"] = obj["metadata"]?["creationTimestamp"]?.DeepClone() },
        "/PersistentVolumeClaim" => new() { ["phase"] = "Pending" },
        "/Service" => new() { ["loadBalancer"] = new JsonObject() },
        "networking.k8s.io/Ingress" => new() { ["loadBalancer"] = new JsonObject() },
        "apps/StatefulSet" => new() { ["replicas"] = 0, ["availableReplicas"] = 0 },
        "apps/DaemonSet" => new() { ["currentNumberScheduled"] = 0, ["numberMisscheduled"] = 0, ["desiredNumberScheduled"] = 0, ["numberReady"] = 0 },
        "apps/ReplicaSet" or "/ReplicationController" => new() { ["replicas"] = 0 },
        "policy/PodDisruptionBudget" => new() { ["disruptionsAllowed"] = 0, ["currentHealthy"] = 0, ["desiredHealthy"] = 0, ["expectedPods"] = 0 },
        "autoscaling/HorizontalPodAutoscaler" => resource.Version == "v1"
            ? new() { ["currentReplicas"] = 0, ["desiredReplicas"] = 0 }
            : new() { ["desiredReplicas"] = 0, ["currentMetrics"] = null },
        "storage.k8s.io/VolumeAttachment" => new() { ["attached"] = false },
        "apiextensions.k8s.io/CustomResourceDefinition" => DefinitionStatus.First(obj),
        "networking.k8s.io/ServiceCIDR" => Born(obj, "Ready", "", "Kubernetes Service CIDR is ready"),
        "apiregistration.k8s.io/APIService" => Born(obj, "Available", "Local", "Local APIServices are always available"),
        _ => resource.IsCustom() || !HasStatus(resource) ? null : [],
    };

    private static JsonObject Born(JsonObject obj, string condition, string reason, string message) => new()
    {
        ["conditions"] = new JsonArray(new JsonObject
        {
            ["type"] = condition,
            ["status"] = "True",
            ["lastTransitionTime"] = obj["metadata"]?["creationTimestamp"]?.DeepClone(),
            ["reason"] = reason,
            ["message"] = message,
        }),
    };

    private static JsonObject PodStatus(JsonObject pod)
    {
        var status = new JsonObject { ["phase"] = "Pending", ["qosClass"] = PodQuality.Of(pod) };
        if (pod["spec"]?["schedulingGates"] is JsonArray { Count: > 0 })
        {
            status["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "False",
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = pod["metadata"]?["creationTimestamp"]?.DeepClone(),
                ["reason"] = "SchedulingGated",
                ["message"] = "Scheduling is blocked due to non-empty scheduling gates",
            });
        }

        return status;
    }
}
