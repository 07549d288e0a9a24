using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Aggregation;

[Collection(ServerCollection.Name)]
public sealed class ApiServiceTests(RunningServer server)
{
    private const string Services = "/apis/apiregistration.k8s.io/v1/apiservices";
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Managed = "kube-aggregator.kubernetes.io/automanaged";

    [Fact]
    public async Task Every_group_and_version_but_that_of_APIServices_has_one()
    {
        var groups = (await server.GetAsync("/apis")).Json["groups"]!.AsArray();
        var served = groups.SelectMany(static group => group!["versions"]!.AsArray().Select(version => $"{version!["version"]}.{group["name"]}")).Where(static name => name != "v1.apiregistration.k8s.io").Append("v1.").Order(StringComparer.Ordinal).ToArray();
        await Eventually.TrueAsync(
            async () => (await server.GetAsync($"{Services}?labelSelector={Managed}")).Json["items"]!.AsArray().Select(static one => one!["metadata"]!["name"]!.ToString()).Order(StringComparer.Ordinal).SequenceEqual(served),
            "each group and version has its APIService");
    }

    [Theory]
    [InlineData("v1.", "", 18000, 1)]
    [InlineData("v1.apps", "apps", 17800, 15)]
    [InlineData("v2.autoscaling", "autoscaling", 17500, 30)]
    [InlineData("v1.resource.k8s.io", "resource.k8s.io", 16200, 20)]
    [InlineData("v1beta1.metrics.k8s.io", "metrics.k8s.io", 100, 100)]
    public async Task What_is_built_in_is_local_available_and_ordered_as_upstream(string name, string group, int groupPriority, int versionPriority)
    {
        var service = await server.GetAsync($"{Services}/{name}");
        Assert.Equal(
            (200, group, $"{groupPriority}", $"{versionPriority}", "onstart"),
            (service.Code, service["spec.group"], service["spec.groupPriorityMinimum"], service["spec.versionPriority"], service.Json["metadata"]!["labels"]![Managed]!.ToString()));
        Assert.Equal(
            ("Available", "True", "Local", "Local APIServices are always available"),
            (service["status.conditions.0.type"], service["status.conditions.0.status"], service["status.conditions.0.reason"], service["status.conditions.0.message"]));
        var table = await server.GetAsync($"{Services}/{name}", "application/json;as=Table;v=v1;g=meta.k8s.io");
        Assert.Equal(("Local", "True"), (table["rows.0.cells.1"], table["rows.0.cells.2"]));
    }

    [Fact]
    public async Task Those_of_custom_resources_come_and_go_with_their_definition()
    {
        const string name = "v3.register.example.org";
        await server.CreateAsync(Definitions, Definition("sheets"));
        await server.CreateAsync(Definitions, Definition("pages"));
        await Eventually.TrueAsync(async () => (await server.GetAsync($"{Services}/{name}")).Code == 200, "the APIService is there");
        var made = await server.GetAsync($"{Services}/{name}");
        Assert.Equal(("1000", "100", "true", "Local"), (made["spec.groupPriorityMinimum"], made["spec.versionPriority"], made.Json["metadata"]!["labels"]![Managed]!.ToString(), made["status.conditions.0.reason"]));

        await server.PatchAsync($"{Services}/{name}", """{"spec":{"versionPriority":7}}""");
        await Eventually.TrueAsync(async () => (await server.GetAsync($"{Services}/{name}"))["spec.versionPriority"] == "100", "a change is taken back");
        await server.DeleteAsync($"{Services}/{name}");
        await Eventually.TrueAsync(async () => await server.GetAsync($"{Services}/{name}") is { Code: 200 } anew && anew["metadata.uid"] != made["metadata.uid"], "the APIService is back");

        await server.DeleteAsync($"{Definitions}/sheets.register.example.org");
        await Eventually.TrueAsync(async () => (await server.GetAsync("/apis/register.example.org/v3/sheets")).Code == 404, "the resource is gone");
        Assert.Equal(200, (await server.GetAsync($"{Services}/{name}")).Code);
        await server.DeleteAsync($"{Definitions}/pages.register.example.org");
        await Eventually.TrueAsync(async () => (await server.GetAsync($"{Services}/{name}")).Code == 404, "the APIService went with the last resource of its group");
    }

    [Fact]
    public async Task One_that_leads_to_another_server_is_refused()
    {
        var refused = await server.CreateAsync(
            Services, """{"metadata":{"name":"v1.wardle.example.com"},"spec":{"group":"wardle.example.com","version":"v1","groupPriorityMinimum":2000,"versionPriority":200,"service":{"namespace":"default","name":"api"}}}""");
        Assert.Equal((422, "spec.service", "FieldValueForbidden"), (refused.Code, refused["details.causes.0.field"], refused["details.causes.0.reason"]));
        var taken = await server.PatchAsync($"{Services}/v1beta1.metrics.k8s.io", """{"spec":{"service":{"namespace":"kube-system","name":"metrics-server"}}}""");
        Assert.Equal((422, "spec.service"), (taken.Code, taken["details.causes.0.field"]));
    }

    [Fact]
    public async Task What_somebody_registers_stays_and_is_available()
    {
        var made = await server.CreateAsync(Services, """{"metadata":{"name":"v9.mine.example.com"},"spec":{"group":"mine.example.com","version":"v9","groupPriorityMinimum":2000,"versionPriority":200},"status":{"conditions":[{"type":"Available","status":"False"}]}}""");
        Assert.Equal((201, "True", "Local"), (made.Code, made["status.conditions.0.status"], made["status.conditions.0.reason"]));
        await server.DeleteAsync($"{Services}/v9.mine.example.com");
    }

    private static string Definition(string plural) => """
        {"metadata":{"name":"PLURAL.register.example.org"},"spec":{"group":"register.example.org","scope":"Cluster","names":{"plural":"PLURAL","kind":"PLURAL"},
         "versions":[{"name":"v3","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
        """.Replace("PLURAL", plural, StringComparison.Ordinal);
}
