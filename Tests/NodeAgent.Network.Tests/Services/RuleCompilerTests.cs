using System.Text.Json;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.NodeAgent.Network.Services;

namespace Flotilla.NodeAgent.Network.Tests.Services;

/// <summary>Each file of Cases/services: a Service, its slices, and the transaction that adds it on node-a.</summary>
public sealed class RuleCompilerTests
{
    internal static readonly ProxyNode Node = new("node-a", "10.244.0.0/16", "10.96.0.0/16", "10.96.0.10", "zone-1");

    public static TheoryData<string> Files() => [.. CaseFile.Names("services")];

    [Theory, MemberData(nameof(Files))]
    public void A_service_becomes_the_rules_its_case_shows(string file)
    {
        var one = CaseFile.Load("services", file);
        var service = one["service"].Deserialize(ObjectJson.Default.Service)!;
        var rules = RuleCompiler.Compile(service, CaseFile.Read(one["slices"], ObjectJson.Default.EndpointSlice), Node);
        var script = new ProxyTable(Node).Update(new Dictionary<string, ServiceRules> { ["default/web"] = rules });
        Assert.Equal(((string)one["script"]!).Trim(), Shortened(script));
    }

    // The table's name is on every line.
    private static string Shortened(string script) => script.Replace($" ip {ProxyTable.Name}", "", StringComparison.Ordinal).Trim();
}
