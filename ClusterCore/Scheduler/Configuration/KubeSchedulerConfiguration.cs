using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Flotilla.ClusterCore.Scheduler.Configuration;

/// <summary><c>kubescheduler.config.k8s.io/v1</c>, kind KubeSchedulerConfiguration. The defaults are kube-scheduler's.</summary>
public sealed record KubeSchedulerConfiguration
{
    public string? ApiVersion { get; set; }
    public string? Kind { get; set; }

    /// <summary>Accepted without effect: one thread finds nodes, its cost per pod is small enough.</summary>
    public int Parallelism { get; set; } = 16;
    public LeaderElectionConfiguration LeaderElection { get; set; } = new();
    public ClientConnectionConfiguration ClientConnection { get; set; } = new();
    public bool? EnableProfiling { get; set; }
    public bool? EnableContentionProfiling { get; set; }

    /// <summary>Null and 0 pick a share by the number of nodes.</summary>
    public int? PercentageOfNodesToScore { get; set; }
    public long PodInitialBackoffSeconds { get; set; } = 1;
    public long PodMaxBackoffSeconds { get; set; } = 10;
    public KubeSchedulerProfile[] Profiles { get; set; } = [new()];
    public JsonElement[]? Extenders { get; set; }
    public bool? DelayCacheUntilActive { get; set; }
}

/// <summary>One scheduler name, and how it differs from the default plugins.</summary>
public sealed record KubeSchedulerProfile
{
    public const string DefaultName = "default-scheduler";

    public string SchedulerName { get; set; } = DefaultName;
    public int? PercentageOfNodesToScore { get; set; }
    public PluginSets Plugins { get; set; } = new();
    public PluginConfig[]? PluginConfig { get; set; }

    /// <summary><see cref="PluginConfig"/>, decoded.</summary>
    [JsonIgnore]
    public PluginArguments Arguments { get; set; } = new();
}

public sealed record PluginConfig
{
    public string Name { get; set; } = "";
    public JsonObject? Args { get; set; }
}

public sealed record LeaderElectionConfiguration
{
    public bool LeaderElect { get; set; } = true;

    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan RenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan RetryPeriod { get; set; } = TimeSpan.FromSeconds(2);
    public string ResourceLock { get; set; } = "leases";
    public string ResourceName { get; set; } = "kube-scheduler";
    public string ResourceNamespace { get; set; } = "kube-system";
}

/// <summary>Accepted without effect but for <see cref="Kubeconfig"/>, which is refused: whoever starts the scheduler connects it.</summary>
public sealed record ClientConnectionConfiguration
{
    public string Kubeconfig { get; set; } = "";
    public string AcceptContentTypes { get; set; } = "";
    public string ContentType { get; set; } = "";
    public float Qps { get; set; } = 50;
    public int Burst { get; set; } = 100;
}
