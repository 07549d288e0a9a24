using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client.Json;

/// <summary>The generated readers and writers of all views. Absent and zero values are left out, as the API's own types do.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(TimeConverter)])]
[JsonSerializable(typeof(ApiStatus))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(PartialObject))]
[JsonSerializable(typeof(PodTemplateSpec))]
[JsonSerializable(typeof(JobTemplateSpec))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(Node))]
[JsonSerializable(typeof(Namespace))]
[JsonSerializable(typeof(Service))]
[JsonSerializable(typeof(Endpoints))]
[JsonSerializable(typeof(EndpointSlice))]
[JsonSerializable(typeof(ReplicaSet))]
[JsonSerializable(typeof(ReplicationController))]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(StatefulSet))]
[JsonSerializable(typeof(DaemonSet))]
[JsonSerializable(typeof(ControllerRevision))]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(CronJob))]
[JsonSerializable(typeof(ConfigMap))]
[JsonSerializable(typeof(Secret))]
[JsonSerializable(typeof(ServiceAccount))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(Event))]
[JsonSerializable(typeof(PersistentVolume))]
[JsonSerializable(typeof(PersistentVolumeClaim))]
[JsonSerializable(typeof(StorageClass))]
[JsonSerializable(typeof(CSINode))]
[JsonSerializable(typeof(CSIDriver))]
[JsonSerializable(typeof(CSIStorageCapacity))]
[JsonSerializable(typeof(VolumeAttachment))]
[JsonSerializable(typeof(PodDisruptionBudget))]
[JsonSerializable(typeof(PriorityClass))]
[JsonSerializable(typeof(RuntimeClass))]
[JsonSerializable(typeof(ResourceQuota))]
[JsonSerializable(typeof(ClusterRole))]
[JsonSerializable(typeof(CertificateSigningRequest))]
[JsonSerializable(typeof(Ingress))]
public sealed partial class ObjectJson : JsonSerializerContext;
