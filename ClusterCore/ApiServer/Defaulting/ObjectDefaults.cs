using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

/// <summary>Fills in what a client left out, as upstream's SetDefaults functions do: after decoding, before admission.</summary>
public static class ObjectDefaults
{
    private static readonly Dictionary<(string Group, string Kind), Action<JsonObject>> Kinds = new()
    {
        [("", "Pod")] = PodDefaults.Pod,
        [("", "PodTemplate")] = static template => PodDefaults.Template(template.Object("template")),
        [("", "ReplicationController")] = WorkloadDefaults.ReplicationController,
        [("", "Service")] = ServiceDefaults.Service,
        [("", "Endpoints")] = ServiceDefaults.Endpoints,
        [("", "Namespace")] = ClusterDefaults.Namespace,
        [("", "Node")] = ClusterDefaults.Node,
        [("", "Secret")] = ClusterDefaults.Secret,
        [("", "LimitRange")] = ClusterDefaults.LimitRange,
        [("", "PersistentVolume")] = StorageDefaults.PersistentVolume,
        [("", "PersistentVolumeClaim")] = StorageDefaults.PersistentVolumeClaim,
        [("apps", "Deployment")] = WorkloadDefaults.Deployment,
        [("apps", "ReplicaSet")] = WorkloadDefaults.ReplicaSet,
        [("apps", "StatefulSet")] = WorkloadDefaults.StatefulSet,
        [("apps", "DaemonSet")] = WorkloadDefaults.DaemonSet,
        [("batch", "Job")] = BatchDefaults.Job,
        [("batch", "CronJob")] = BatchDefaults.CronJob,
        [("autoscaling", "HorizontalPodAutoscaler")] = AutoscalingDefaults.HorizontalPodAutoscaler,
        [("discovery.k8s.io", "EndpointSlice")] = ServiceDefaults.EndpointSlice,
        [("networking.k8s.io", "NetworkPolicy")] = NetworkDefaults.NetworkPolicy,
        [("networking.k8s.io", "IngressClass")] = NetworkDefaults.IngressClass,
        [("rbac.authorization.k8s.io", "RoleBinding")] = RbacDefaults.Binding,
        [("rbac.authorization.k8s.io", "ClusterRoleBinding")] = RbacDefaults.Binding,
        [("storage.k8s.io", "StorageClass")] = StorageDefaults.StorageClass,
        [("storage.k8s.io", "CSIDriver")] = StorageDefaults.CsiDriver,
        [("scheduling.k8s.io", "PriorityClass")] = static priority => priority.Default("preemptionPolicy", "PreemptLowerPriority"),
        [("admissionregistration.k8s.io", "ValidatingWebhookConfiguration")] = AdmissionDefaults.ValidatingWebhooks,
        [("admissionregistration.k8s.io", "MutatingWebhookConfiguration")] = AdmissionDefaults.MutatingWebhooks,
        [("admissionregistration.k8s.io", "ValidatingAdmissionPolicy")] = AdmissionDefaults.Policy,
        [("admissionregistration.k8s.io", "MutatingAdmissionPolicy")] = AdmissionDefaults.Policy,
        [("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding")] = AdmissionDefaults.PolicyBinding,
        [("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding")] = AdmissionDefaults.PolicyBinding,
        [("apiextensions.k8s.io", "CustomResourceDefinition")] = ExtensionDefaults.CustomResourceDefinition,
        [("apiregistration.k8s.io", "APIService")] = ExtensionDefaults.ApiService,
        [("flowcontrol.apiserver.k8s.io", "FlowSchema")] = FlowDefaults.FlowSchema,
        [("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration")] = FlowDefaults.PriorityLevelConfiguration,
        [("resource.k8s.io", "ResourceClaim")] = DeviceDefaults.Claim,
        [("resource.k8s.io", "ResourceClaimTemplate")] = DeviceDefaults.ClaimTemplate,
    };

    /// <summary>Changes the object in place. Kinds without defaults, custom resources among them, stay as they are.</summary>
    public static void Apply(ResourceInfo resource, JsonObject obj)
    {
        if (Kinds.TryGetValue((resource.Group, resource.Kind), out var setDefaults))
        {
            setDefaults(obj);
        }
    }
}
