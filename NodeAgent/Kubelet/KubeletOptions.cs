using System.Net;
using Flotilla.NodeAgent.Kubelet.Eviction;
using Flotilla.NodeAgent.Kubelet.Qos;

namespace Flotilla.NodeAgent.Kubelet;

public sealed record KubeletOptions
{
    public required string NodeName { get; init; }

    public required IPAddress NodeIp { get; init; }

    /// <summary>Pods' volumes and files; kept over restarts.</summary>
    public required string RootDirectory { get; init; }

    /// <summary>Below it stands <c>kubepods</c>. Empty for the machine's own root.</summary>
    public string CgroupRoot { get; init; } = "";

    /// <summary>Container logs: <c>&lt;namespace&gt;_&lt;name&gt;_&lt;uid&gt;/&lt;container&gt;/&lt;n&gt;.log</c>.</summary>
    public string LogDirectory { get; init; } = "/var/log/pods";

    /// <summary>Beside it, as <c>/var/log/containers</c> is: a link to each container's log, by which collectors find it.</summary>
    public string LogLinkDirectory => Path.Combine(NodeLogDirectory, "containers");

    /// <summary>Above both: what the kubelet answers <c>/logs/</c> from.</summary>
    public string NodeLogDirectory => Path.GetDirectoryName(LogDirectory) ?? "/";

    public string? ClusterDns { get; init; }

    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>Of pods with DNS policy Default.</summary>
    public string ResolvConf { get; init; } = "/etc/resolv.conf";

    public int Port { get; init; } = 10250;

    /// <summary>Bytes after which a container's log file is set aside.</summary>
    public long LogMaxSize { get; init; } = 10L << 20;

    /// <summary>How many files of one container's log are kept, at least 2.</summary>
    public int LogMaxFiles { get; init; } = 5;

    /// <summary>Percent of the image disk in use: above the first images are removed until it is below the second.</summary>
    public int ImageGcHighPercent { get; init; } = 85;

    public int ImageGcLowPercent { get; init; } = 80;

    /// <summary>An image that came later than that is not removed.</summary>
    public TimeSpan ImageMinAge { get; init; } = TimeSpan.FromMinutes(2);

    public TimeSpan ImageGcInterval { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan ContainerGcInterval { get; init; } = TimeSpan.FromMinutes(1);

    public int MaxPods { get; init; } = 110;

    public string? TlsCertFile { get; init; }

    public string? TlsKeyFile { get; init; }

    /// <summary>Kept back from pods for the system's and the cluster's own processes.</summary>
    public ReservedResources Reserved { get; init; }

    /// <summary>When pods are evicted; what hard thresholds keep free is not offered to pods either.</summary>
    public IReadOnlyList<EvictionThreshold> EvictionThresholds { get; init; } = EvictionThreshold.Parse(EvictionThreshold.DefaultHard);

    /// <summary>The most a pod has to end when it is evicted for a soft threshold.</summary>
    public TimeSpan EvictionMaxPodGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a condition of pressure stays after it was last seen.</summary>
    public TimeSpan EvictionPressureTransition { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Processes and threads that one pod may have; 0 for no limit. A fork bomb ends here.</summary>
    public int PodMaxPids { get; init; } = 4096;

    /// <summary>How long pods have to end when the machine goes down, all together.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The part of <see cref="ShutdownGrace"/> that is kept for critical pods.</summary>
    public TimeSpan ShutdownGraceCriticalPods { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// In place of the two: which part of the time each group of pods has, from the lowest priority to the highest. A pod is of the highest
    /// group that its priority reaches.
    /// </summary>
    public IReadOnlyList<(int Priority, TimeSpan Grace)> ShutdownGraceByPriority { get; init; } = [];

    /// <summary>Without an answer of the runtime for so long the node is not ready.</summary>
    public TimeSpan RuntimeDownAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the kubelet asks the cluster for the certificate it serves with; until it is signed it serves with its own.</summary>
    public bool RotateServerCertificates { get; init; }

    /// <summary>A file of problem detector rules; null for the ones that come with the agent.</summary>
    public string? ProblemRulesFile { get; init; }

    /// <summary>What the node offers; null takes the machine's.</summary>
    public int? Cpus { get; init; }

    /// <summary>Bytes; null takes the machine's.</summary>
    public long? Memory { get; init; }

    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>The version that the node reports: the API level that it is built to.</summary>
    public string KubeletVersion { get; init; } = "v1.36.0";
}
