using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.TestKit;

/// <summary>Objects for tests: <c>A.Pod("web-0")</c>, changed with <c>with</c> where a test cares.</summary>
public static class A
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly IReadOnlyDictionary<string, string> WebLabels = Labels("app", "web");

    public static IReadOnlyDictionary<string, string> Labels(params string[] keysAndValues) =>
        keysAndValues.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    public static ObjectMeta Meta(string name, string? ns = "default", IReadOnlyDictionary<string, string>? labels = null) => new()
    {
        Name = name,
        Namespace = ns,
        Uid = $"uid-{ns}-{name}",
        ResourceVersion = "1",
        Generation = 1,
        CreationTimestamp = Noon,
        Labels = labels,
    };

    public static OwnerReference Owner(KubernetesObject owner, bool controller = true) => new()
    {
        ApiVersion = owner.ApiVersion ?? "apps/v1",
        Kind = owner.Kind ?? owner.GetType().Name,
        Name = owner.Metadata.Name,
        Uid = owner.Metadata.Uid ?? "",
        Controller = controller ? true : null,
        BlockOwnerDeletion = true,
    };

    public static Pod Pod(
        string name = "web-0", string? node = null, string phase = "Pending", bool ready = false, KubernetesObject? owner = null,
        IReadOnlyDictionary<string, string>? labels = null, string ns = "default", string cpu = "100m", string memory = "64Mi") => new()
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = Meta(name, ns, labels ?? WebLabels) with { OwnerReferences = owner is null ? null : [Owner(owner)] },
            Spec = new()
            {
                NodeName = node,
                RestartPolicy = "Always",
                SchedulerName = "default-scheduler",
                Containers = [Container("main", cpu, memory)],
            },
            Status = new()
            {
                Phase = phase,
                PodIP = ready ? "10.244.0.5" : null,
                Conditions = [new() { Type = "Ready", Status = ready ? "True" : "False", LastTransitionTime = Noon }],
            },
        };

    /// <summary>Running, ready pods with the names <c>web-0</c>, <c>web-1</c>, ….</summary>
    public static Pod[] Pods(int count, KubernetesObject? owner = null) =>
        [.. Enumerable.Range(0, count).Select(i => Pod($"web-{i}", "node-0", "Running", ready: true, owner))];

    public static Container Container(string name = "main", string cpu = "100m", string memory = "64Mi", string image = "nginx:1.27") => new()
    {
        Name = name,
        Image = image,
        Resources = new() { Requests = Labels("cpu", cpu, "memory", memory) },
    };

    public static Node Node(
        string name = "node-0", bool ready = true, string cpu = "4", string memory = "8Gi", string pods = "110",
        IReadOnlyDictionary<string, string>? labels = null, Taint[]? taints = null) => new()
        {
            ApiVersion = "v1",
            Kind = "Node",
            Metadata = Meta(name, null, labels ?? Labels("kubernetes.io/hostname", name)),
            Spec = new() { Taints = taints },
            Status = new()
            {
                Capacity = Labels("cpu", cpu, "memory", memory, "pods", pods),
                Allocatable = Labels("cpu", cpu, "memory", memory, "pods", pods),
                Conditions = [new() { Type = "Ready", Status = ready ? "True" : "False", LastHeartbeatTime = Noon, LastTransitionTime = Noon }],
            },
        };

    public static Namespace Namespace(string name = "default") => new()
    {
        ApiVersion = "v1",
        Kind = "Namespace",
        Metadata = Meta(name, null),
        Spec = new() { Finalizers = ["kubernetes"] },
        Status = new() { Phase = "Active" },
    };

    public static LabelSelectorSpec Selector(IReadOnlyDictionary<string, string>? labels = null) => new() { MatchLabels = labels ?? WebLabels };

    /// <summary>A pod template with one container.</summary>
    public static RawJson Template(string image = "nginx:1.27", IReadOnlyDictionary<string, string>? labels = null) => RawJson.From(new JsonObject
    {
        ["metadata"] = new JsonObject
        {
            ["labels"] = new JsonObject([.. (labels ?? WebLabels).Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))]),
        },
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = image }),
            ["restartPolicy"] = "Always",
        },
    });

    public static ReplicaSet ReplicaSet(int replicas = 1, string name = "web", KubernetesObject? owner = null) => new()
    {
        ApiVersion = "apps/v1",
        Kind = "ReplicaSet",
        Metadata = Meta(name, labels: WebLabels) with { OwnerReferences = owner is null ? null : [Owner(owner)] },
        Spec = new() { Replicas = replicas, Selector = Selector(), Template = Template() },
    };

    public static Deployment Deployment(int replicas = 1, string name = "web") => new()
    {
        ApiVersion = "apps/v1",
        Kind = "Deployment",
        Metadata = Meta(name, labels: WebLabels),
        Spec = new()
        {
            Replicas = replicas,
            Selector = Selector(),
            Template = Template(),
            Strategy = new() { Type = "RollingUpdate", RollingUpdate = new() { MaxSurge = "25%", MaxUnavailable = "25%" } },
            RevisionHistoryLimit = 10,
            ProgressDeadlineSeconds = 600,
        },
    };

    public static Service Service(string name = "web", int port = 80, IntOrString? targetPort = null) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = Meta(name),
        Spec = new()
        {
            Type = "ClusterIP",
            ClusterIP = "10.96.0.10",
            ClusterIPs = ["10.96.0.10"],
            Selector = WebLabels,
            Ports = [new() { Port = port, Protocol = "TCP", TargetPort = targetPort ?? port }],
        },
    };
}
