using System.Net;
using Flotilla.NodeAgent.Kubelet.Sandboxes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Sandboxes;

public sealed class PodDnsTests : IDisposable
{
    private readonly string resolvConf = Path.GetTempFileName();

    public PodDnsTests() => File.WriteAllText(resolvConf, "nameserver 192.0.2.1\nsearch corp.example\noptions timeout:1\n");

    [Theory]
    [InlineData("ClusterFirst", false, "10.96.0.10", "default.svc.cluster.local svc.cluster.local cluster.local corp.example", "ndots:5")]
    [InlineData("ClusterFirst", true, "192.0.2.1", "corp.example", "timeout:1")]
    [InlineData("ClusterFirstWithHostNet", true, "10.96.0.10", "default.svc.cluster.local svc.cluster.local cluster.local corp.example", "ndots:5")]
    [InlineData("Default", false, "192.0.2.1", "corp.example", "timeout:1")]
    [InlineData("None", false, "", "", "")]
    public void The_policy_decides(string policy, bool hostNetwork, string servers, string searches, string options)
    {
        var pod = A.Pod();
        (pod.Spec.DnsPolicy, pod.Spec.HostNetwork) = (policy, hostNetwork);
        var dns = PodDns.Of(pod, Options());
        Assert.Equal((servers, searches, options), (string.Join(' ', dns.Servers), string.Join(' ', dns.Searches), string.Join(' ', dns.Options)));
    }

    [Fact]
    public void The_pods_own_settings_are_added_and_win()
    {
        var pod = A.Pod();
        pod.Spec.DnsConfig = new() { Nameservers = ["192.0.2.9"], Searches = ["x.example"], Options = [new() { Name = "ndots", Value = "2" }] };
        var dns = PodDns.Of(pod, Options());
        Assert.Equal(["10.96.0.10", "192.0.2.9"], dns.Servers);
        Assert.Equal("x.example", dns.Searches[^1]);
        Assert.Equal(["ndots:2"], dns.Options);
    }

    [Fact]
    public void The_hosts_file_names_the_pod_and_its_aliases()
    {
        var pod = A.Pod("web-0");
        pod.Spec.Subdomain = "web";
        pod.Spec.HostAliases = [new() { Ip = "192.0.2.5", Hostnames = ["db", "cache"] }];
        var text = HostsFile.Of(pod, ["10.244.0.7"], "cluster.local");
        Assert.Contains("10.244.0.7\tweb-0.web.default.svc.cluster.local\tweb-0\n", text, StringComparison.Ordinal);
        Assert.Contains("192.0.2.5\tdb\tcache\n", text, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(resolvConf);

    private KubeletOptions Options() => new()
    {
        NodeName = "node-0",
        NodeIp = IPAddress.Loopback,
        RootDirectory = "/nowhere",
        ClusterDns = "10.96.0.10",
        ResolvConf = resolvConf,
    };
}
