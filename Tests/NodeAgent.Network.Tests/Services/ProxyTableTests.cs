using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Network.Services;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Network.Tests.Services;

public sealed class ProxyTableTests
{
    private readonly ProxyTable table = new(RuleCompilerTests.Node);

    [Fact]
    public void A_change_touches_its_own_service_only()
    {
        table.Rebuild(new Dictionary<string, ServiceRules> { ["default/a"] = Rules("a", "10.96.0.1", "10.244.1.1"), ["default/b"] = Rules("b", "10.96.0.2", "10.244.1.2") });
        var script = Update("default/b", Rules("b", "10.96.0.2", "10.244.1.2", "10.244.1.3"));
        Assert.DoesNotContain("10.96.0.1 ", script, StringComparison.Ordinal);
        Assert.DoesNotContain("10.96.0.2 . tcp . 80 . 0", script, StringComparison.Ordinal);
        Assert.Contains("add element ip flotilla-services endpoints { 10.96.0.2 . tcp . 80 . 1 : 10.244.1.3 . 8080 }", script, StringComparison.Ordinal);
        Assert.Contains("add element ip flotilla-services service-ips { 10.96.0.2 . tcp . 80 : goto cluster-2 }", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Services_with_as_many_endpoints_share_a_chain()
    {
        Assert.Contains("add chain ip flotilla-services cluster-1", Update("default/a", Rules("a", "10.96.0.1", "10.244.1.1")), StringComparison.Ordinal);
        Assert.DoesNotContain("chain", Update("default/b", Rules("b", "10.96.0.2", "10.244.1.2")), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_services_with_one_address_the_first_by_name_has_it_until_it_goes()
    {
        Update("default/b", Rules("b", "10.96.0.1", "10.244.1.2"));
        Assert.Contains("10.96.0.1 . tcp . 80 . 0 : 10.244.1.1 . 8080", Update("default/a", Rules("a", "10.96.0.1", "10.244.1.1")), StringComparison.Ordinal);
        Assert.Equal("", Update("default/b", Rules("b", "10.96.0.1", "10.244.1.3")));
        Assert.Contains("10.96.0.1 . tcp . 80 . 0 : 10.244.1.3 . 8080", Update("default/a", ServiceRules.None), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_rules_again_are_no_transaction()
    {
        Update("default/a", Rules("a", "10.96.0.1", "10.244.1.1"));
        Assert.Equal("", Update("default/a", Rules("a", "10.96.0.1", "10.244.1.1")));
    }

    [Fact]
    public void What_two_services_share_goes_with_the_last()
    {
        Update("default/a", Rules("a", "10.96.0.1", "10.244.0.9"));
        Assert.DoesNotContain("hairpin", Update("default/b", Rules("b", "10.96.0.2", "10.244.0.9")), StringComparison.Ordinal);
        Assert.DoesNotContain("hairpin", Update("default/a", ServiceRules.None), StringComparison.Ordinal);
        Assert.Contains("delete element ip flotilla-services hairpin { 10.244.0.9 . 10.244.0.9 }", Update("default/b", ServiceRules.None), StringComparison.Ordinal);
    }

    [Fact]
    public void Losing_the_last_endpoint_turns_forwarding_into_refusal()
    {
        Update("default/a", Rules("a", "10.96.0.1", "10.244.1.1"));
        var script = Update("default/a", Rules("a", "10.96.0.1"));
        Assert.Contains("delete element ip flotilla-services service-ips { 10.96.0.1 . tcp . 80 }", script, StringComparison.Ordinal);
        Assert.Contains("add element ip flotilla-services no-endpoint-services { 10.96.0.1 . tcp . 80 : goto reject-chain }", script, StringComparison.Ordinal);
        Assert.Contains("delete element ip flotilla-services endpoints { 10.96.0.1 . tcp . 80 . 0 }", script, StringComparison.Ordinal);
    }

    internal static ServiceRules Rules(string name, string ip, params string[] endpoints)
    {
        var service = A.Service(name);
        service.Spec!.ClusterIP = ip;
        return RuleCompiler.Compile(service, [Slice(name, endpoints)], RuleCompilerTests.Node);
    }

    internal static EndpointSlice Slice(string service, params string[] endpoints) => new()
    {
        Metadata = A.Meta($"{service}-1", labels: A.Labels("kubernetes.io/service-name", service)),
        AddressType = "IPv4",
        Ports = [new() { Port = 8080, Protocol = "TCP" }],
        Endpoints = [.. endpoints.Select(ip => new Endpoint
        {
            Addresses = [ip],
            NodeName = ip.StartsWith("10.244.0.", StringComparison.Ordinal) ? "node-a" : "node-b",
            Conditions = new() { Ready = true },
        })],
    };

    private string Update(string key, ServiceRules rules) => table.Update(new Dictionary<string, ServiceRules> { [key] = rules });
}
