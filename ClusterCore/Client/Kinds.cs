using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client;

/// <summary>Every kind that some part of Flotilla reads. Made on first use: most processes use a few.</summary>
public static class Kinds
{
    public static ResourceType<Pod> Pods => field ??= new("", "v1", "pods", "Pod", true, ObjectJson.Default.Pod);
    public static ResourceType<Node> Nodes => field ??= new("", "v1", "nodes", "Node", false, ObjectJson.Default.Node);
    public static ResourceType<Namespace> Namespaces => field ??= new("", "v1", "namespaces", "Namespace", false, ObjectJson.Default.Namespace);
    public static ResourceType<Service> Services => field ??= new("", "v1", "services", "Service", true, ObjectJson.Default.Service);
    public static ResourceType<Endpoints> Endpoints => field ??= new("", "v1", "endpoints", "Endpoints", true, ObjectJson.Default.Endpoints);
    public static ResourceType<EndpointSlice> EndpointSlices => field ??= new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true, ObjectJson.Default.EndpointSlice);
    public static ResourceType<ReplicaSet> ReplicaSets => field ??= new("apps", "v1", "replicasets", "ReplicaSet", true, ObjectJson.Default.ReplicaSet);
    public static ResourceType<ReplicationController> ReplicationControllers => field ??= new("", "v1", "replicationcontrollers", "ReplicationController", true, ObjectJson.Default.ReplicationController);
    public static ResourceType<Deployment> Deployments => field ??= new("apps", "v1", "deployments", "Deployment", true, ObjectJson.Default.Deployment);
    public static ResourceType<StatefulSet> StatefulSets => field ??= new("apps", "v1", "statefulsets", "StatefulSet", true, ObjectJson.Default.StatefulSet);
    public static ResourceType<DaemonSet> DaemonSets => field ??= new("apps", "v1", "daemonsets", "DaemonSet", true, ObjectJson.Default.DaemonSet);
    public static ResourceType<ControllerRevision> ControllerRevisions => field ??= new("apps", "v1", "controllerrevisions", "ControllerRevision", true, ObjectJson.Default.ControllerRevision);
    public static ResourceType<Job> Jobs => field ??= new("batch", "v1", "jobs", "Job", true, ObjectJson.Default.Job);
    public static ResourceType<CronJob> CronJobs => field ??= new("batch", "v1", "cronjobs", "CronJob", true, ObjectJson.Default.CronJob);
    public static ResourceType<ConfigMap> ConfigMaps => field ??= new("", "v1", "configmaps", "ConfigMap", true, ObjectJson.Default.ConfigMap);
    public static ResourceType<Secret> Secrets => field ??= new("", "v1", "secrets", "Secret", true, ObjectJson.Default.Secret);
    public static ResourceType<ServiceAccount> ServiceAccounts => field ??= new("", "v1", "serviceaccounts", "ServiceAccount", true, ObjectJson.Default.ServiceAccount);
    public static ResourceType<Lease> Leases => field ??= new("coordination.k8s.io", "v1", "leases", "Lease", true, ObjectJson.Default.Lease);
    public static ResourceType<Event> Events => field ??= new("", "v1", "events", "Event", true, ObjectJson.Default.Event);
    public static ResourceType<PersistentVolume> PersistentVolumes => field ??= new("", "v1", "persistentvolumes", "PersistentVolume", false, ObjectJson.Default.PersistentVolume);
    public static ResourceType<PersistentVolumeClaim> PersistentVolumeClaims => field ??= new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true, ObjectJson.Default.PersistentVolumeClaim);
    public static ResourceType<StorageClass> StorageClasses => field ??= new("storage.k8s.io", "v1", "storageclasses", "StorageClass", false, ObjectJson.Default.StorageClass);
    public static ResourceType<CSINode> CSINodes => field ??= new("storage.k8s.io", "v1", "csinodes", "CSINode", false, ObjectJson.Default.CSINode);
    public static ResourceType<CSIDriver> CSIDrivers => field ??= new("storage.k8s.io", "v1", "csidrivers", "CSIDriver", false, ObjectJson.Default.CSIDriver);
    public static ResourceType<CSIStorageCapacity> CSIStorageCapacities => field ??= new("storage.k8s.io", "v1", "csistoragecapacities", "CSIStorageCapacity", true, ObjectJson.Default.CSIStorageCapacity);
    public static ResourceType<VolumeAttachment> VolumeAttachments => field ??= new("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", false, ObjectJson.Default.VolumeAttachment);
    public static ResourceType<PodDisruptionBudget> PodDisruptionBudgets => field ??= new("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true, ObjectJson.Default.PodDisruptionBudget);
    public static ResourceType<PriorityClass> PriorityClasses => field ??= new("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false, ObjectJson.Default.PriorityClass);
    public static ResourceType<RuntimeClass> RuntimeClasses => field ??= new("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", false, ObjectJson.Default.RuntimeClass);
    public static ResourceType<ResourceQuota> ResourceQuotas => field ??= new("", "v1", "resourcequotas", "ResourceQuota", true, ObjectJson.Default.ResourceQuota);
    public static ResourceType<ClusterRole> ClusterRoles => field ??= new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false, ObjectJson.Default.ClusterRole);
    public static ResourceType<CertificateSigningRequest> CertificateSigningRequests => field ??= new("certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", false, ObjectJson.Default.CertificateSigningRequest);
    public static ResourceType<Ingress> Ingresses => field ??= new("networking.k8s.io", "v1", "ingresses", "Ingress", true, ObjectJson.Default.Ingress);
}
