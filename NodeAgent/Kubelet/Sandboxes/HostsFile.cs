using System.Text;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Sandboxes;

/// <summary>A pod's <c>/etc/hosts</c>.</summary>
internal static class HostsFile
{
    private const string Header = "# Kubernetes-managed hosts file.\n";

    public static string Of(Pod pod, IReadOnlyList<string> podIps, string clusterDomain)
    {
        var text = new StringBuilder();
        if (pod.Spec?.HostNetwork == true)
        {
            text.Append("# Kubernetes-managed hosts file (host network).\n").Append(File.Exists("/etc/hosts") ? File.ReadAllText("/etc/hosts") : "");
        }
        else
        {
            text.Append(Header)
                .Append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n")
                .Append("fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n");
            var (name, domain) = PodHostname.Of(pod, clusterDomain);
            foreach (var ip in podIps)
            {
                text.Append(domain.Length > 0 ? $"{ip}\t{name}.{domain}\t{name}\n" : $"{ip}\t{name}\n");
            }
        }

        if (pod.Spec?.HostAliases is { Length: > 0 } aliases)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (var alias in aliases)
            {
                text.Append($"{alias.Ip}\t{string.Join('\t', alias.Hostnames ?? [])}\n");
            }
        }

        return text.ToString();
    }
}
