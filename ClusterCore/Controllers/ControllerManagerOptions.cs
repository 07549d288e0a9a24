using Flotilla.ClusterCore.Controllers.LoadBalancers;

namespace Flotilla.ClusterCore.Controllers;

/// <summary>Defaults are kube-controller-manager's where it has them.</summary>
public sealed record ControllerManagerOptions
{
    /// <summary>Tells contenders for leadership apart; the host name plus something unique.</summary>
    public string Identity { get; init; } = $"{Environment.MachineName}_{Guid.NewGuid():N}";

    /// <summary>Off where a cluster has one member: then there is nobody to contend with, and no lease to renew.</summary>
    public bool LeaderElect { get; init; } = true;

    /// <summary>PEM, published to every namespace as <c>kube-root-ca.crt</c>.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>PEM of the certificate and key that sign certificate signing requests; without them requests stay unsigned.</summary>
    public string? SigningCertificate { get; init; }
    public string? SigningKey { get; init; }

    /// <summary>Pod addresses of the cluster, cut into one block for each node. Null: nodes get none from here.</summary>
    public string? ClusterCidr { get; init; } = "10.244.0.0/16";
    public int NodeCidrMaskSize { get; init; } = 24;

    /// <summary>Brings traffic to Services of type LoadBalancer; null leaves them pending.</summary>
    public ILoadBalancerProvider? LoadBalancers { get; init; }

    /// <summary>How long a node may be silent before it counts as gone, and how long a new one may take to speak first.</summary>
    public TimeSpan NodeMonitorGracePeriod { get; init; } = TimeSpan.FromSeconds(40);
    public TimeSpan NodeStartupGracePeriod { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Nodes a second whose pods may be evicted, in a healthy and in a partly failed zone of more than 50 nodes.</summary>
    public double NodeEvictionRate { get; init; } = 0.1;
    public double SecondaryNodeEvictionRate { get; init; } = 0.01;
    public double UnhealthyZoneThreshold { get; init; } = 0.55;
    public int LargeZoneSize { get; init; } = 50;

    /// <summary>Finished pods kept before the oldest are collected. Upstream keeps 12,500: too many for a small control plane.</summary>
    public int TerminatedPodLimit { get; init; } = 1000;

    /// <summary>Where volumes of the default storage class are made on a node.</summary>
    public string LocalVolumeDirectory { get; init; } = "/var/lib/flotilla/volumes";

    /// <summary>Pod creations a second, and at once, of all controllers together: one bad manifest must not drown the cluster.</summary>
    public double PodCreationsPerSecond { get; init; } = 500;
    public int PodCreationBurst { get; init; } = 1000;

    /// <summary>Pod creations and deletions under way at a time: a third of what the API server takes in all.</summary>
    public int PodWritesAtOnce { get; init; } = 64;
}
