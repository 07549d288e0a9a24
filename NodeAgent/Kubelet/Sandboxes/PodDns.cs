using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Sandboxes;

/// <summary>What stands in a pod's <c>resolv.conf</c>, by its DNS policy.</summary>
internal static class PodDns
{
    private const int MostServers = 3;
    private const int MostSearches = 32;

    public static DNSConfig Of(Pod pod, KubeletOptions options)
    {
        var spec = pod.Spec ?? new();
        var policy = spec.DnsPolicy ?? "ClusterFirst";
        var result = policy switch
        {
            "None" => new DNSConfig(),
            "ClusterFirst" when !spec.HostNetwork && options.ClusterDns is not null => Cluster(pod, options),
            "ClusterFirstWithHostNet" when options.ClusterDns is not null => Cluster(pod, options),
            _ => Host(options.ResolvConf),
        };
        Add(result, spec.DnsConfig);
        return Limited(result);
    }

    /// <summary>The node's own settings, as in <c>resolv.conf(5)</c>.</summary>
    public static DNSConfig Parse(string resolvConf)
    {
        var result = new DNSConfig();
        foreach (var line in resolvConf.Split('\n'))
        {
            switch (line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            {
                case ["nameserver", var server, ..]:
                    result.Servers.Add(server);
                    break;
                case ["search", .. var searches]:
                    result.Searches.Clear();
                    result.Searches.AddRange(searches);
                    break;
                case ["options", .. var options]:
                    result.Options.Clear();
                    result.Options.AddRange(options);
                    break;
                default:
                    break;
            }
        }

        return result;
    }

    private static DNSConfig Cluster(Pod pod, KubeletOptions options)
    {
        var domain = options.ClusterDomain;
        var result = new DNSConfig
        {
            Servers = { options.ClusterDns },
            Searches = { $"{pod.Metadata.Namespace}.svc.{domain}", $"svc.{domain}", domain },
            Options = { "ndots:5" },
        };
        result.Searches.AddRange(Host(options.ResolvConf).Searches);
        return result;
    }

    private static DNSConfig Host(string resolvConf) => File.Exists(resolvConf) ? Parse(File.ReadAllText(resolvConf)) : new();

    private static void Add(DNSConfig result, PodDNSConfig? wanted)
    {
        result.Servers.AddRange(wanted?.Nameservers ?? []);
        result.Searches.AddRange(wanted?.Searches ?? []);
        foreach (var option in wanted?.Options ?? [])
        {
            var present = result.Options.FirstOrDefault(existing => existing.Split(':')[0] == option.Name);
            if (present is not null)
            {
                result.Options.Remove(present);
            }

            result.Options.Add(option.Value is { Length: > 0 } ? $"{option.Name}:{option.Value}" : option.Name);
        }
    }

    private static DNSConfig Limited(DNSConfig all) => new()
    {
        Servers = { all.Servers.Distinct().Take(MostServers) },
        Searches = { all.Searches.Distinct().Take(MostSearches) },
        Options = { all.Options },
    };
}
