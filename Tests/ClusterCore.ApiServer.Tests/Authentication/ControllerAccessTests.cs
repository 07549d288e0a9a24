namespace Flotilla.ClusterCore.ApiServer.Tests.Authentication;

[Collection(ServerCollection.Name)]
public sealed class ControllerAccessTests(RunningServer server)
{
    [Theory]
    [InlineData("create", "", "pods", true), InlineData("patch", "apps", "deployments/status", true), InlineData("create", "", "events", true)]
    [InlineData("create", "storage.k8s.io", "storageclasses", true), InlineData("delete", "example.com", "anything", true), InlineData("create", "discovery.k8s.io", "endpointslices", true)]
    [InlineData("create", "rbac.authorization.k8s.io", "clusterrolebindings", false), InlineData("create", "", "nodes", false), InlineData("impersonate", "", "users", false)]
    public async Task The_controllers_may_do_their_work_and_no_more(string verb, string group, string resource, bool allowed)
    {
        var parts = resource.Split('/');
        var review = await server.CreateAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", $$$$"""
            {"spec":{"user":"system:kube-controller-manager","groups":["system:authenticated"],
             "resourceAttributes":{"verb":"{{{{verb}}}}","group":"{{{{group}}}}","resource":"{{{{parts[0]}}}}","subresource":"{{{{parts.ElementAtOrDefault(1)}}}}","namespace":"default"}}}
            """);
        Assert.Equal(allowed ? "true" : "false", review["status.allowed"]);
    }

    [Theory]
    [InlineData("system:kube-scheduler", "create", "", "pods/binding"), InlineData("system:kube-scheduler", "update", "", "pods/status")]
    [InlineData("system:serviceaccount:kube-system:deployment-controller", "create", "apps", "replicasets")]
    public async Task Upstreams_identities_have_upstreams_rights(string user, string verb, string group, string resource)
    {
        var parts = resource.Split('/');
        var review = await server.CreateAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", $$$$"""
            {"spec":{"user":"{{{{user}}}}","resourceAttributes":{"verb":"{{{{verb}}}}","group":"{{{{group}}}}","resource":"{{{{parts[0]}}}}","subresource":"{{{{parts.ElementAtOrDefault(1)}}}}","namespace":"default"}}}
            """);
        Assert.Equal("true", review["status.allowed"]);
    }
}
