using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Authentication;

[Collection(ServerCollection.Name)]
public sealed class NodeTests(RunningServer server)
{
    private const string Secrets = "/api/v1/namespaces/default/secrets";
    private const string Pods = "/api/v1/namespaces/default/pods";

    [Fact]
    public async Task A_node_registers_itself_and_no_other()
    {
        using var node = server.As("system:node:n1", "system:nodes");
        var own = await RunningServer.SendAsync(node, HttpMethod.Post, "/api/v1/nodes", """{"metadata":{"name":"n1"},"status":{"phase":"Running"}}""", "application/json");
        Assert.Equal((201, "node.kubernetes.io/not-ready", "Running"), (own.Code, own["spec.taints.0.key"], own["status.phase"]));
        var other = await RunningServer.SendAsync(node, HttpMethod.Post, "/api/v1/nodes", """{"metadata":{"name":"n2"}}""", "application/json");
        Assert.Equal(403, other.Code);
        Assert.Contains("node \"n1\" is not allowed to modify node \"n2\"", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_reads_the_secrets_of_its_pods_only()
    {
        using var node = server.As("system:node:n3", "system:nodes");
        await server.CreateAsync(Secrets, """{"metadata":{"name":"used"}}""");
        await server.CreateAsync(Secrets, """{"metadata":{"name":"unused"}}""");
        await server.CreateAsync(Pods, """{"metadata":{"name":"user"},"spec":{"nodeName":"n3","containers":[{"name":"c","image":"x","envFrom":[{"secretRef":{"name":"used"}}]}]}}""");
        await Eventually.TrueAsync(async () => (await RunningServer.SendAsync(node, HttpMethod.Get, $"{Secrets}/used", null, "")).Code == 200, "the node may read");
        Assert.Equal(403, (await RunningServer.SendAsync(node, HttpMethod.Get, $"{Secrets}/unused", null, "")).Code);
        Assert.Equal(403, (await RunningServer.SendAsync(node, HttpMethod.Get, Secrets, null, "")).Code);
    }

    [Fact]
    public async Task Nobody_gives_away_rights_they_do_not_have()
    {
        using var carol = server.As("carol");
        await server.CreateAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
            {"metadata":{"name":"carol"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"admin"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"carol"}]}
            """);
        const string roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles";
        await Eventually.TrueAsync(
            async () => (await RunningServer.SendAsync(carol, HttpMethod.Post, roles, """{"metadata":{"name":"fine"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}""", "application/json")).Code == 201,
            "carol may make a role of rights she has");
        var refused = await RunningServer.SendAsync(carol, HttpMethod.Post, roles, """{"metadata":{"name":"greedy"},"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}""", "application/json");
        Assert.Equal(403, refused.Code);
        Assert.Contains("is attempting to grant RBAC permissions not currently held", refused.Message, StringComparison.Ordinal);
    }
}
