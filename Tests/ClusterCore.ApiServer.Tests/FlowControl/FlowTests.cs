using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.FlowControl;

[Collection(ServerCollection.Name)]
public sealed class FlowTests(RunningServer server)
{
    private const string Flows = "/apis/flowcontrol.apiserver.k8s.io/v1";
    private const string Schemas = $"{Flows}/flowschemas";
    private const string Levels = $"{Flows}/prioritylevelconfigurations";
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io";

    [Fact]
    public async Task A_new_cluster_shows_upstreams_flow_schemas_in_the_order_they_are_tried() => Assert.Equal(
        """
        exempt exempt 1 <none> False
        probes exempt 2 <none> False
        system-leader-election leader-election 100 ByUser False
        endpoint-controller workload-high 150 ByUser False
        workload-leader-election leader-election 200 ByUser False
        system-node-high node-high 400 ByUser False
        system-nodes system 500 ByUser False
        kube-controller-manager workload-high 800 ByNamespace False
        kube-scheduler workload-high 800 ByNamespace False
        kube-system-service-accounts workload-high 900 ByNamespace False
        service-accounts workload-low 9000 ByUser False
        global-default global-default 9900 ByUser False
        catch-all catch-all 10000 ByUser False
        """,
        await RowsAsync(Schemas));

    [Fact]
    public async Task A_new_cluster_shows_upstreams_priority_levels() => Assert.Equal(
        """
        catch-all Limited 5 <none> <none> <none>
        exempt Exempt <none> <none> <none> <none>
        global-default Limited 20 128 6 50
        leader-election Limited 10 16 4 50
        node-high Limited 40 64 6 50
        system Limited 30 64 6 50
        workload-high Limited 40 128 6 50
        workload-low Limited 100 128 6 50
        """,
        await RowsAsync(Levels));

    [Fact]
    public async Task A_flow_schema_says_whether_its_priority_level_is_there()
    {
        await server.CreateAsync(Schemas, """{"metadata":{"name":"lost","labels":{"test":"yes"}},"spec":{"priorityLevelConfiguration":{"name":"found-later"}}}""");
        await Eventually.TrueAsync(
            async () => (await server.GetAsync($"{Schemas}/lost"))["status.conditions.0.message"] == "This FlowSchema references the PriorityLevelConfiguration object named \"found-later\" but there is no such object",
            "the level is missed");
        await server.CreateAsync(Levels, """{"metadata":{"name":"found-later","labels":{"test":"yes"}},"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Reject"}}}}""");
        await Eventually.TrueAsync(async () => (await server.GetAsync($"{Schemas}/lost"))["status.conditions.0.reason"] == "Found", "the level is found");
        await server.DeleteAsync($"{Levels}/found-later");
        await Eventually.TrueAsync(async () => (await server.GetAsync($"{Schemas}/lost"))["status.conditions.0.status"] == "True", "the level is missed again");
        await server.DeleteAsync($"{Schemas}/lost");
    }

    [Theory]
    [InlineData($"{Schemas}/exempt", """{"spec":{"distinguisherMethod":{"type":"ByUser"}}}""", "spec of 'exempt' must equal the fixed value")]
    [InlineData($"{Schemas}/catch-all", """{"spec":{"matchingPrecedence":9999}}""", "spec of 'catch-all' must equal the fixed value")]
    [InlineData($"{Levels}/catch-all", """{"spec":{"limited":{"lendablePercent":10}}}""", "spec of 'catch-all' must equal the fixed value")]
    public async Task The_mandatory_objects_keep_their_spec(string path, string patch, string message)
    {
        var refused = await server.PatchAsync(path, patch);
        Assert.Equal((422, "spec"), (refused.Code, refused["details.causes.0.field"]));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_exempt_level_lends_may_be_set()
    {
        Assert.Equal((200, "5"), await LendAsync(5));
        Assert.Equal((200, "0"), await LendAsync(0));
    }

    [Fact]
    public async Task A_deleted_default_is_made_anew()
    {
        var uid = (await server.GetAsync($"{Schemas}/probes"))["metadata.uid"];
        await server.DeleteAsync($"{Schemas}/probes");
        await Eventually.TrueAsync(async () => await server.GetAsync($"{Schemas}/probes") is { Code: 200 } anew && anew["metadata.uid"] != uid && anew["status.conditions.0.status"] == "False", "the flow schema is back");
    }

    [Fact]
    public async Task A_restart_gives_suggested_objects_their_spec_back_unless_they_are_claimed()
    {
        await using var own = new RunningServer();
        await own.InitializeAsync();
        await own.PatchAsync($"{Levels}/system", """{"spec":{"limited":{"nominalConcurrencyShares":7}}}""");
        await own.PatchAsync($"{Levels}/node-high", """{"metadata":{"annotations":{"apf.kubernetes.io/autoupdate-spec":"false"}},"spec":{"limited":{"nominalConcurrencyShares":7}}}""");

        await own.RestartAsync();

        Assert.Equal("30", (await own.GetAsync($"{Levels}/system"))["spec.limited.nominalConcurrencyShares"]);
        Assert.Equal("7", (await own.GetAsync($"{Levels}/node-high"))["spec.limited.nominalConcurrencyShares"]);
    }

    private async Task<(int Code, string Lent)> LendAsync(int percent)
    {
        var reply = await server.PatchAsync($"{Levels}/exempt", """{"spec":{"exempt":{"lendablePercent":PERCENT}}}""".Replace("PERCENT", $"{percent}", StringComparison.Ordinal));
        return (reply.Code, reply["spec.exempt.lendablePercent"]);
    }

    /// <summary>The rows without their age, one a line.</summary>
    private async Task<string> RowsAsync(string path)
    {
        var table = await server.GetAsync(path + "?labelSelector=!test", Table);
        var age = table.Json["columnDefinitions"]!.AsArray().Select(static column => column!["name"]!.ToString()).ToList().IndexOf("Age");
        return string.Join('\n', table.Json["rows"]!.AsArray().Select(row => string.Join(' ', row!["cells"]!.AsArray().Where((_, column) => column != age).Select(static cell => cell!.ToString()))));
    }
}
