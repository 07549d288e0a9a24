using System.Net;

namespace Flotilla.NodeAgent.Kubelet;

public sealed class KubeletOptions
{
    public required string NodeName { get; init; }

    public required IPAddress NodeIp { get; init; }

    /// <summary>Pods' volumes and files; kept over restarts.</summary>
    public required string RootDirectory { get; init; }

    /// <summary>Below it stands <c>kubepods</c>. Empty for the machine's own root.</summary>
    public string CgroupRoot { get; init; } = "";

    /// <summary>Container logs: <c>&lt;namespace&gt;_&lt;name&gt;_&lt;uid&gt;/&lt;container&gt;/&lt;n&gt;.log</c>.</summary>
    public string LogDirectory => Path.Combine(RootDirectory, "logs", "pods");

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

    public int MaxPods { get; init; } = 110;

    public string? TlsCertFile { get; init; }

    public string? TlsKeyFile { get; init; }

    /// <summary>Kept back from pods for the node's own processes, in thousandths of a core and bytes.</summary>
    public long ReservedMilliCpu { get; init; }

    public long ReservedMemory { get; init; } = 100L << 20;

    /// <summary>What the node offers; null takes the machine's.</summary>
    public int? Cpus { get; init; }

    /// <summary>Bytes; null takes the machine's.</summary>
    public long? Memory { get; init; }

    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>The version that the node reports: the API level that it is built to.</summary>
    public string KubeletVersion { get; init; } = "v1.36.0";
}
