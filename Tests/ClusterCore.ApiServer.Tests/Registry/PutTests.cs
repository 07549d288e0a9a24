using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Registry;

/// <summary>What a PUT makes of an object that is not there, or is another than it names.</summary>
[Collection(ServerCollection.Name)]
public sealed class PutTests(RunningServer server)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Theory]
    [InlineData("/api/v1/namespaces/default/services", """ "spec":{"ports":[{"port":80}]} """)]
    [InlineData("/api/v1/namespaces/default/endpoints", """ "subsets":[] """)]
    [InlineData("/api/v1/namespaces/default/events", """ "involvedObject":{"namespace":"default"} """)]
    [InlineData("/apis/events.k8s.io/v1/namespaces/default/events", """ "regarding":{"namespace":"default"},"eventTime":"2026-01-01T00:00:00.000000Z","type":"Normal","reason":"r","action":"a","reportingController":"k.io/c","reportingInstance":"i" """)]
    [InlineData("/api/v1/namespaces/default/limitranges", """ "spec":{"limits":[]} """)]
    [InlineData("/apis/coordination.k8s.io/v1/namespaces/default/leases", """ "spec":{"holderIdentity":"me"} """)]
    [InlineData("/apis/node.k8s.io/v1/runtimeclasses", """ "handler":"runc" """)]
    [InlineData("/apis/rbac.authorization.k8s.io/v1/clusterroles", """ "rules":[] """)]
    [InlineData("/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", """ "rules":[] """)]
    [InlineData("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """ "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"} """)]
    [InlineData("/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", """ "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"} """)]
    public async Task Some_kinds_are_made_by_a_put_of_what_is_not_there(string path, string body)
    {
        // Both groups of events are of the same objects.
        var name = path.StartsWith("/apis/events", StringComparison.Ordinal) ? "put-newer" : "put-made";
        var (url, obj) = ($"{path}/{name}", $$$"""{"metadata":{"name":"{{{name}}}"},{{{body}}} }""");
        var made = await server.UpdateAsync(url, obj);
        Assert.Equal((201, ""), (made.Code, made.Code == 201 ? "" : made.Text));
        Assert.NotEmpty(made["metadata.uid"]);
        Assert.Equal(made.Text, (await server.GetAsync(url)).Text);
        Assert.Equal(200, (await server.UpdateAsync(url, made.Text)).Code);
    }

    [Fact]
    public async Task A_put_of_what_is_not_there_goes_the_way_of_a_new_object()
    {
        const string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
        const string services = "/api/v1/namespaces/default/services";
        static string Lease(string name, string more = "") => $$"""{"metadata":{"name":"{{name}}"{{more}} },"spec":{} }""";
        Assert.Equal(201, (await server.UpdateAsync($"{leases}/put-dry?dryRun=All", Lease("put-dry"))).Code);
        Assert.Equal(404, (await server.GetAsync($"{leases}/put-dry")).Code);
        Assert.Equal(201, (await server.UpdateAsync($"{leases}/put-late", Lease("put-late", ",\"resourceVersion\":\"1\""))).Code);
        Assert.Equal(400, (await server.UpdateAsync($"{leases}/put-other", Lease("another"))).Code);
        Assert.Equal((404, "namespaces \"put-absent\" not found"), await RefusalOf("/apis/coordination.k8s.io/v1/namespaces/put-absent/leases/put-lease", Lease("put-lease")));
        Assert.Equal(
            (422, "Service \"put-portless\" is invalid: spec.ports: Required value"),
            await RefusalOf($"{services}/put-portless", """{"metadata":{"name":"put-portless"},"spec":{}}"""));
        var service = await server.UpdateAsync($"{services}/put-service", """{"metadata":{"name":"put-service"},"spec":{"ports":[{"port":80}]}}""");
        Assert.NotEmpty(service["spec.clusterIP"]);
        Assert.Equal((404, "services \"put-status\" not found"), await RefusalOf($"{services}/put-status/status", """{"metadata":{"name":"put-status"}}"""));
        Assert.Equal((404, "configmaps \"put-map\" not found"), await RefusalOf($"{Maps}/put-map", """{"metadata":{"name":"put-map"}}"""));
        Assert.Equal(404, (await server.PatchAsync($"{leases}/put-patch", "{}")).Code);

        async Task<(int, string)> RefusalOf(string path, string body)
        {
            var refused = await server.UpdateAsync(path, body);
            return (refused.Code, refused.Message);
        }
    }

    [Theory, InlineData("/apis/coordination.k8s.io/v1/namespaces/default/leases", "leases.coordination.k8s.io"), InlineData(Maps, "configmaps")]
    public async Task An_object_that_names_its_uid_is_no_other_nor_a_new_one(string path, string resource)
    {
        const string body = """{"metadata":{"name":"put-gone","uid":"u-1"}}""";
        var put = await server.UpdateAsync($"{path}/put-gone", body);
        Assert.Equal((409, "Conflict"), (put.Code, put.Reason));
        Assert.StartsWith(
            $"Operation cannot be fulfilled on {resource} \"put-gone\": StorageError: invalid object, Code: 4, Key: /{resource.Split('.')[0]}/default/put-gone, ", put.Message, StringComparison.Ordinal);
        Assert.EndsWith("AdditionalErrorMsg: Precondition failed: UID in precondition: u-1, UID in object meta: ", put.Message, StringComparison.Ordinal);
        var (group, kind) = resource == "configmaps" ? ("v1", "ConfigMap") : ("coordination.k8s.io/v1", "Lease");
        var applied = await server.PatchAsync(
            $"{path}/put-gone?fieldManager=me", $$$"""{"apiVersion":"{{{group}}}","kind":"{{{kind}}}","metadata":{"name":"put-gone","uid":"u-1"}}""", "apply-patch+yaml");
        Assert.Equal(
            (409, $"Operation cannot be fulfilled on {resource} \"put-gone\": uid mismatch: the provided object specified uid u-1, and no existing object was found"),
            (applied.Code, applied.Message));
    }

    [Fact]
    public async Task Who_may_not_create_makes_nothing_by_put_or_apply()
    {
        const string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
        const string rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
        using var writer = server.As("lease-writer");
        await server.CreateAsync($"{rbac}/roles", """
            {"metadata":{"name":"lease-writer"},"rules":[{"apiGroups":["coordination.k8s.io"],"resources":["leases"],"verbs":["update","patch"]}]}
            """);
        await server.CreateAsync($"{rbac}/rolebindings", """
            {"metadata":{"name":"lease-writer"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"lease-writer"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"lease-writer"}]}
            """);
        await server.CreateAsync(leases, """{"metadata":{"name":"write-old"},"spec":{}}""");
        await Eventually.TrueAsync(async () => (await ApplyAsync("write-old")).Code == 200, "the binding counts");
        const string refusal = "User \"lease-writer\" cannot create resource \"leases\" in API group \"coordination.k8s.io\" in the namespace \"default\"";
        var put = await RunningServer.SendAsync(writer, HttpMethod.Put, $"{leases}/write-new", """{"metadata":{"name":"write-new"},"spec":{}}""", "application/json");
        Assert.Equal((403, $"leases.coordination.k8s.io \"write-new\" is forbidden: {refusal}"), (put.Code, put.Message));
        var applied = await ApplyAsync("write-new");
        Assert.Equal((403, put.Message), (applied.Code, applied.Message));
        Assert.Equal(404, (await server.GetAsync($"{leases}/write-new")).Code);

        Task<Reply> ApplyAsync(string name) => RunningServer.SendAsync(writer, HttpMethod.Patch, $"{leases}/{name}?fieldManager=me",
            $$$"""{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"{{{name}}}"},"spec":{"holderIdentity":"me"}}""", "application/apply-patch+yaml");
    }

    [Theory, InlineData("{}"), InlineData("""{"metadata":{}}""")]
    public async Task A_put_names_what_it_is_of(string body)
    {
        await server.CreateAsync("/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"named"}}""");
        var refused = await server.UpdateAsync("/api/v1/namespaces/default/configmaps/named", body);
        Assert.Equal((400, "the name of the object (named based on URL) was undeterminable: name must be provided"), (refused.Code, refused.Message));
    }
}
