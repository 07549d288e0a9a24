using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Validation.Definitions;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>The rules of one kind. <paramref name="Update"/> gets the new object, then the old one.</summary>
internal sealed record KindRules(Action<JsonObject, FieldErrors> Create, Action<JsonObject, JsonObject, FieldErrors> Update)
{
    /// <summary>An update follows the rules of a create, and what must not change does not.</summary>
    public static KindRules Same(Action<JsonObject, FieldErrors> create, Action<JsonObject, JsonObject, FieldErrors>? unchanged = null) =>
        new(create, (obj, old, errors) =>
        {
            create(obj, errors);
            unchanged?.Invoke(obj, old, errors);
        });
}

/// <summary>The one list of kinds that have rules of their own.</summary>
internal static class KindValidation
{
    private const string Apps = "apps";
    private const string Batch = "batch";
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string Networking = "networking.k8s.io";
    private const string Storage = "storage.k8s.io";
    private const string FlowControl = "flowcontrol.apiserver.k8s.io";
    private const string Devices = "resource.k8s.io";
    private const string Admission = "admissionregistration.k8s.io";
    private const string Status = "status";

    private static readonly Dictionary<(string Group, string Kind), KindRules> Kinds = new()
    {
        [("", "Pod")] = new(PodValidation.Create, PodUpdateValidation.Update),
        [("", "PodTemplate")] = KindRules.Same(static (template, errors) => PodValidation.Template(template.Object("template") ?? [], "template", errors)),
        [("", "ReplicationController")] = KindRules.Same(WorkloadValidation.ReplicationController),
        [("", "Service")] = new(ServiceValidation.Create, ServiceValidation.Update),
        [("", "ConfigMap")] = new(ConfigValidation.ConfigMap, ConfigValidation.ConfigMapUpdate),
        [("", "Secret")] = new(ConfigValidation.Secret, ConfigValidation.SecretUpdate),
        [("", "Namespace")] = KindRules.Same(ClusterValidation.Namespace),
        [("", "Node")] = new(NodeValidation.Create, NodeValidation.Update),
        [("", "PersistentVolumeClaim")] = new(StorageValidation.Claim, StorageValidation.ClaimUpdate),
        [("", "PersistentVolume")] = new(PersistentVolumeValidation.Volume, PersistentVolumeValidation.Update),
        [("", "LimitRange")] = KindRules.Same(LimitRangeValidation.LimitRange),
        [("", "ResourceQuota")] = KindRules.Same(QuotaValidation.Quota, QuotaValidation.ScopesUnchanged),
        [("", "Event")] = KindRules.Same(EventValidation.Older),
        [("events.k8s.io", "Event")] = new(EventValidation.Newer, EventValidation.NewerUpdate),
        [(Apps, "Deployment")] = KindRules.Same(WorkloadValidation.Deployment, WorkloadValidation.SelectorUnchanged),
        [(Apps, "ReplicaSet")] = KindRules.Same(WorkloadValidation.ReplicaSet, WorkloadValidation.SelectorUnchanged),
        [(Apps, "DaemonSet")] = new(WorkloadValidation.DaemonSet, WorkloadValidation.DaemonSetUpdate),
        [(Apps, "StatefulSet")] = new(StatefulSetValidation.Create, StatefulSetValidation.Update),
        [(Batch, "Job")] = new(JobValidation.Create, JobValidation.Update),
        [(Batch, "CronJob")] = new(CronJobValidation.Create, CronJobValidation.Update),
        [("autoscaling", "HorizontalPodAutoscaler")] = new(AutoscalerValidation.Create, AutoscalerValidation.Update),
        [("policy", "PodDisruptionBudget")] = KindRules.Same(DisruptionBudgetValidation.Budget),
        [(Networking, "Ingress")] = new(IngressValidation.Create, IngressValidation.Update),
        [(Networking, "IngressClass")] = KindRules.Same(ClusterValidation.IngressClass, ClusterValidation.ControllerUnchanged),
        [(Networking, "NetworkPolicy")] = new(NetworkPolicyValidation.Create, NetworkPolicyValidation.Update),
        [(Rbac, "Role")] = KindRules.Same(RbacValidation.Role),
        [(Rbac, "ClusterRole")] = KindRules.Same(RbacValidation.ClusterRole),
        [(Rbac, "RoleBinding")] = KindRules.Same(RbacValidation.RoleBinding, RbacValidation.RoleRefUnchanged),
        [(Rbac, "ClusterRoleBinding")] = KindRules.Same(RbacValidation.ClusterRoleBinding, RbacValidation.RoleRefUnchanged),
        [(Apps, "ControllerRevision")] = new(MinorKindValidation.ControllerRevision, MinorKindValidation.ControllerRevisionUpdate),
        [("", "Endpoints")] = new(EndpointsValidation.Create, EndpointsValidation.Update),
        [(Networking, "ServiceCIDR")] = new(AddressKindValidation.ServiceCidr, AddressKindValidation.ServiceCidrUpdate),
        [(Networking, "IPAddress")] = new(AddressKindValidation.IpAddress, AddressKindValidation.ParentUnchanged),
        [(Storage, "VolumeAttachment")] = KindRules.Same(AttachmentValidation.VolumeAttachment, AttachmentValidation.SpecUnchanged),
        [(Storage, "VolumeAttributesClass")] = KindRules.Same(AttachmentValidation.AttributesClass, AttachmentValidation.AttributesUnchanged),
        [(Storage, "CSIDriver")] = KindRules.Same(CsiValidation.Driver, CsiValidation.DriverUnchanged),
        [(Storage, "CSINode")] = KindRules.Same(CsiValidation.Node, CsiValidation.NodeDriversUnchanged),
        [(Storage, "CSIStorageCapacity")] = KindRules.Same(CsiValidation.Capacity, CsiValidation.TopologyUnchanged),
        [(FlowControl, "FlowSchema")] = KindRules.Same(FlowValidation.FlowSchema),
        [(FlowControl, "PriorityLevelConfiguration")] = KindRules.Same(FlowValidation.PriorityLevel),
        [(Devices, "ResourceClaim")] = new(DeviceValidation.Claim, DeviceValidation.SpecUnchanged),
        [(Devices, "ResourceClaimTemplate")] = new(DeviceValidation.ClaimTemplate, DeviceValidation.SpecUnchanged),
        [(Devices, "DeviceClass")] = KindRules.Same(DeviceValidation.DeviceClass),
        [(Devices, "ResourceSlice")] = KindRules.Same(ResourceSliceValidation.Slice, ResourceSliceValidation.PlaceUnchanged),
        [(Admission, "ValidatingAdmissionPolicy")] = KindRules.Same(AdmissionPolicyValidation.Policy),
        [(Admission, "MutatingAdmissionPolicy")] = KindRules.Same(AdmissionPolicyValidation.Policy),
        [(Admission, "ValidatingAdmissionPolicyBinding")] = KindRules.Same(AdmissionPolicyValidation.Binding),
        [(Admission, "MutatingAdmissionPolicyBinding")] = KindRules.Same(AdmissionPolicyValidation.Binding),
        [(Storage, "StorageClass")] = new(StorageValidation.StorageClass, StorageValidation.StorageClassUpdate),
        [("coordination.k8s.io", "Lease")] = KindRules.Same(ClusterValidation.Lease),
        [("discovery.k8s.io", "EndpointSlice")] = new(EndpointSliceValidation.Create, EndpointSliceValidation.Update),
        [("scheduling.k8s.io", "PriorityClass")] = KindRules.Same(ClusterValidation.PriorityClass, ClusterValidation.PriorityUnchanged),
        [("node.k8s.io", "RuntimeClass")] = KindRules.Same(ClusterValidation.RuntimeClass, ClusterValidation.HandlerUnchanged),
        [("certificates.k8s.io", "CertificateSigningRequest")] = new(SigningRequestValidation.Create, static (_, _, _) => { }),
        [("apiextensions.k8s.io", "CustomResourceDefinition")] =
            new(DefinitionValidation.Create, DefinitionValidation.Update),
        [("apiregistration.k8s.io", "APIService")] = KindRules.Same(ExtensionValidation.ApiService),
        [(Admission, "ValidatingWebhookConfiguration")] = KindRules.Same(WebhookValidation.Configuration),
        [(Admission, "MutatingWebhookConfiguration")] = KindRules.Same(WebhookValidation.Configuration),
    };

    /// <summary>Parts of an object that change by rules of their own, by kind and subresource.</summary>
    private static readonly Dictionary<(string Group, string Kind, string Subresource), Action<JsonObject, JsonObject, FieldErrors>> Subresources = new()
    {
        [("", "Pod", "ephemeralcontainers")] = PodSubresourceValidation.EphemeralContainers,
        [("", "Pod", Status)] = PodStatusValidation.Status,
        [("", "Pod", "resize")] = PodSubresourceValidation.Resize,
        [(Apps, "Deployment", Status)] = StatusValidation.Deployment,
        [(Apps, "ReplicaSet", Status)] = StatusValidation.ReplicaSet,
        [("", "ReplicationController", Status)] = StatusValidation.ReplicaSet,
        [(Apps, "StatefulSet", Status)] = StatusValidation.StatefulSet,
        [(Apps, "DaemonSet", Status)] = StatusValidation.DaemonSet,
        [(Batch, "Job", Status)] = StatusValidation.Job,
        [("policy", "PodDisruptionBudget", Status)] = StatusValidation.DisruptionBudget,
        [("autoscaling", "HorizontalPodAutoscaler", Status)] = StatusValidation.Autoscaler,
        [("", "Namespace", "finalize")] = ClusterValidation.NamespaceFinalize,
        [("", "Namespace", Status)] = ClusterValidation.NamespaceStatus,
        [("", "Node", Status)] = NodeValidation.Status,
        [("", "PersistentVolumeClaim", Status)] = StatusValidation.Claim,
        [("certificates.k8s.io", "CertificateSigningRequest", Status)] = SigningRequestValidation.Answer,
        [("certificates.k8s.io", "CertificateSigningRequest", "approval")] = SigningRequestValidation.Answer,
        [("apiextensions.k8s.io", "CustomResourceDefinition", Status)] = DefinitionValidation.Status,
        [("", "Service", Status)] = StatusValidation.Service,
        [(Networking, "Ingress", Status)] = StatusValidation.Ingress,
        [("", "ResourceQuota", Status)] = StatusValidation.Quota,
        [(FlowControl, "FlowSchema", Status)] = FlowValidation.Status,
        [(FlowControl, "PriorityLevelConfiguration", Status)] = FlowValidation.Status,
        [(Storage, "VolumeAttachment", Status)] = AttachmentValidation.Status,
        [(Devices, "ResourceClaim", Status)] = ClaimStatusValidation.Status,
    };

    public static Action<JsonObject, JsonObject, FieldErrors>? FindUpdate(ResourceInfo resource, string subresource) => subresource.Length == 0
        ? Find(resource)?.Update
        : Subresources.GetValueOrDefault((resource.Group, resource.Kind, subresource));

    public static KindRules? Find(ResourceInfo resource) => Kinds.GetValueOrDefault((resource.Group, resource.Kind));
}
