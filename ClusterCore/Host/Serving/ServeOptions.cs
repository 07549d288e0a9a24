using System.Net;
using Flotilla.ClusterCore.ApiServer.Authentication.Oidc;
using Flotilla.ClusterCore.Scheduler.Configuration;

namespace Flotilla.ClusterCore.Host.Serving;

internal sealed record ServeOptions(string DataDirectory, IReadOnlyList<IPEndPoint> Listen, IPNetwork ServiceNetwork, IPNetwork ClusterNetwork)
{
    /// <summary>Where the admin's is written.</summary>
    public string? WrittenKubeconfig { get; init; }

    /// <summary>Names the API server, where this process has none.</summary>
    public string? Kubeconfig { get; init; }

    public string? SigningCertificate { get; init; }

    public string? SigningKey { get; init; }

    public IReadOnlyList<string> Components { get; init; } = [];

    public IReadOnlyList<string> EtcdServers { get; init; } = [];

    public string? EtcdAuthority { get; init; }

    public string? EtcdCertificate { get; init; }

    public string? EtcdKey { get; init; }

    public IPAddress? AdvertiseAddress { get; init; }

    public IReadOnlyList<string> AlternativeNames { get; init; } = [];

    /// <summary>Null leaves Services of type LoadBalancer to somebody else.</summary>
    public IPNetwork? LoadBalancerNetwork { get; init; }

    public TimeSpan NodeMonitorGracePeriod { get; init; } = TimeSpan.FromSeconds(40);

    public KubeSchedulerConfiguration Scheduler { get; init; } = new();

    public IReadOnlyList<JwtIssuer> JwtIssuers { get; init; } = [];

    public bool Runs(string component) => Components.Contains(component, StringComparer.Ordinal);

    public static ServeOptions? Read(
        DirectoryInfo? data, string listen, string serviceNetwork, string clusterNetwork, string loadBalancerNetwork, out string problem)
    {
        var ends = new List<IPEndPoint>();
        foreach (var text in listen.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IPEndPoint.TryParse(text, out var end))
            {
                problem = $"--listen: \"{text}\" is no address and port such as 127.0.0.1:6443";
                return null;
            }

            ends.Add(end);
        }

        problem = "--service-cidr, --cluster-cidr and --load-balancer-cidr want networks such as 10.96.0.0/16";
        IPNetwork balancers = default;
        if (!IPNetwork.TryParse(serviceNetwork, out var services) || !IPNetwork.TryParse(clusterNetwork, out var pods)
            || (loadBalancerNetwork.Length > 0 && !IPNetwork.TryParse(loadBalancerNetwork, out balancers))) { return null; }
        problem = ends.Count == 0 ? "--listen wants at least one address" : "";
        return ends.Count == 0 ? null : new(data?.FullName ?? "", ends, services, pods) { LoadBalancerNetwork = loadBalancerNetwork.Length > 0 ? balancers : null };
    }
}

/// <summary>Why the control plane cannot run, in a sentence for whoever started it.</summary>
internal sealed class ServeException(string message) : Exception(message);
