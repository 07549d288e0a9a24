using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Pods;

/// <summary>The pod informer of all controllers. Of each pod it keeps what controllers read: most of a pod is for its node.</summary>
internal static class SharedPods
{
    private static readonly string[] KeptAnnotations = ["batch.kubernetes.io/", "controller.kubernetes.io/", "endpoints.kubernetes.io/"];

    public static Informer<Pod> Pods(this InformerFactory informers) =>
        informers.Get(Kinds.Pods, new InformerOptions<Pod> { Transform = Trim })
            .IndexByNamespace().IndexByController().IndexByNode();

    internal static Pod Trim(Pod pod) => pod with
    {
        Metadata = pod.Metadata with { Annotations = Kept(pod.Metadata.Annotations), GenerateName = null },
        Spec = new()
        {
            NodeName = pod.Spec.NodeName,
            Hostname = pod.Spec.Hostname,
            Subdomain = pod.Spec.Subdomain,
            HostNetwork = pod.Spec.HostNetwork,
            RestartPolicy = pod.Spec.RestartPolicy,
            Tolerations = pod.Spec.Tolerations,
            Priority = pod.Spec.Priority,
            PriorityClassName = pod.Spec.PriorityClassName,
            ActiveDeadlineSeconds = pod.Spec.ActiveDeadlineSeconds,
            Affinity = pod.Spec.Affinity,
            Overhead = pod.Spec.Overhead,
            Resources = pod.Spec.Resources,
            Volumes = Claims(pod.Spec.Volumes),
            Containers = pod.Spec.Containers is { } containers ? Array.ConvertAll(containers, Trim) : null,
            InitContainers = pod.Spec.InitContainers is { } init ? Array.ConvertAll(init, Trim) : null,
        },
        Status = new()
        {
            Phase = pod.Status.Phase,
            Reason = pod.Status.Reason,
            PodIP = pod.Status.PodIP,
            PodIPs = pod.Status.PodIPs,
            StartTime = pod.Status.StartTime,
            Conditions = pod.Status.Conditions,
            QosClass = pod.Status.QosClass,
            ContainerStatuses = pod.Status.ContainerStatuses is { } statuses ? Array.ConvertAll(statuses, Trim) : null,
            InitContainerStatuses = pod.Status.InitContainerStatuses is { } init2 ? Array.ConvertAll(init2, Trim) : null,
        },
    };

    private static Container Trim(Container container) => new()
    {
        Name = container.Name,
        Ports = container.Ports,
        Resources = container.Resources,
        RestartPolicy = container.RestartPolicy,
    };

    private static ContainerStatus Trim(ContainerStatus status) => new()
    {
        Name = status.Name,
        Ready = status.Ready,
        RestartCount = status.RestartCount,
        State = status.State?.Terminated is { } ended
            ? new() { Terminated = new() { ExitCode = ended.ExitCode, FinishedAt = ended.FinishedAt, Reason = ended.Reason } }
            : status.State?.Running is null ? null : new() { Running = new() },
    };

    private static Volume[]? Claims(Volume[]? volumes)
    {
        var claims = volumes?.Where(volume => volume.PersistentVolumeClaim is not null || volume.Ephemeral is not null).ToArray();
        return claims is { Length: > 0 } ? claims : null;
    }

    private static Dictionary<string, string>? Kept(IReadOnlyDictionary<string, string>? annotations)
    {
        Dictionary<string, string>? kept = null;
        foreach (var (name, value) in annotations ?? new Dictionary<string, string>())
        {
            if (KeptAnnotations.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                (kept ??= [])[name] = value;
            }
        }
        return kept;
    }
}
