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

    [Theory]
    [InlineData("POST", "/api/v1/nodes", """{"metadata":{"name":"n4","labels":{"node-role.kubernetes.io/control-plane":""}}}""", "node \"n4\" is not allowed to set the following labels: node-role.kubernetes.io/control-plane")]
    [InlineData("POST", "/api/v1/nodes", """{"metadata":{"name":"n4","labels":{"a.node-restriction.kubernetes.io/x":""}}}""", "node \"n4\" is not allowed to set the following labels: a.node-restriction.kubernetes.io/x")]
    [InlineData("POST", Pods, """{"metadata":{"name":"m"},"spec":{"nodeName":"n4","containers":[{"name":"c","image":"x"}]}}""", "node \"n4\" can only create mirror pods")]
    [InlineData("POST", Pods, """{"metadata":{"name":"m","annotations":{"kubernetes.io/config.mirror":"1"}},"spec":{"nodeName":"n5","containers":[{"name":"c","image":"x"}]}}""", "node \"n4\" can only create pods with spec.nodeName set to itself")]
    [InlineData("POST", Pods, """{"metadata":{"name":"m","annotations":{"kubernetes.io/config.mirror":"1"}},"spec":{"nodeName":"n4","containers":[{"name":"c","image":"x"}]}}""", "node \"n4\" can only create pods with an owner reference set to itself")]
    [InlineData("DELETE", $"{Pods}/elsewhere", null, "node \"n4\" can only delete pods with spec.nodeName set to itself")]
    [InlineData("POST", $"{Pods}/elsewhere/eviction", """{"metadata":{"name":"elsewhere"}}""", "node n4 can only evict pods with spec.nodeName set to itself")]
    [InlineData("PATCH", $"{Pods}/elsewhere/status", """{"status":{"phase":"Failed"}}""", "node \"n4\" can only update pod status for pods with spec.nodeName set to itself")]
    [InlineData("GET", Pods, null, "can only list/watch pods with spec.nodeName field selector")]
    [InlineData("GET", $"{Pods}/elsewhere", null, "no relationship found between node 'n4' and this object")]
    [InlineData("GET", "/apis/storage.k8s.io/v1/volumeattachments/any", null, "no relationship found between node 'n4' and this object")]
    [InlineData("GET", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n5", null, "can only access node lease with the same name as the requesting node")]
    [InlineData("POST", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", """{"metadata":{"name":"n5"}}""", "can only access node lease with the same name as the requesting node")]
    [InlineData("POST", "/apis/storage.k8s.io/v1/csinodes", """{"metadata":{"name":"n5"},"spec":{"drivers":[]}}""", "can only access CSINode with the same name as the requesting node")]
    [InlineData("POST", "/apis/resource.k8s.io/v1/resourceslices", """{"metadata":{"name":"s"},"spec":{"driver":"d.example.com","nodeName":"n5","pool":{"name":"p","generation":1,"resourceSliceCount":1}}}""", "can only create ResourceSlice with the same NodeName as the requesting node")]
    [InlineData("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", "{}", "node requested token not bound to a pod")]
    public async Task A_node_is_told_what_is_not_its_own(string method, string path, string? body, string refusal)
    {
        const string pod = """{"metadata":{"name":"NAME"},"spec":{"nodeName":"NODE","containers":[{"name":"c","image":"x"}]}}""";
        await server.CreateAsync(
            "/api/v1/persistentvolumes",
            """{"metadata":{"name":"any"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"nfs":{"server":"example.com","path":"/"}}}""");
        foreach (var (name, on) in ((string, string)[])[("elsewhere", "n5"), ("here", "n4")])
        {
            await server.CreateAsync(Pods, pod.Replace("NAME", name, StringComparison.Ordinal).Replace("NODE", on, StringComparison.Ordinal));
        }

        using var node = server.As("system:node:n4", "system:nodes");
        // Its own it may read: then the server's cache knows of the pods.
        await Eventually.TrueAsync(async () => (await RunningServer.SendAsync(node, HttpMethod.Get, $"{Pods}/here", null, "")).Code == 200, "the pod is seen");
        Assert.Equal(200, (await RunningServer.SendAsync(node, HttpMethod.Get, $"{Pods}?fieldSelector=spec.nodeName%3Dn4", null, "")).Code);
        var refused = await RunningServer.SendAsync(node, new(method), path, body, method == "PATCH" ? "application/merge-patch+json" : "application/json");
        Assert.True(refused.Code == 403, refused.Text);
        Assert.EndsWith(refusal, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_gets_tokens_for_its_own_pods_only()
    {
        using var node = server.As("system:node:n6", "system:nodes");
        foreach (var (name, on) in ((string, string)[])[("mine", "n6"), ("theirs", "n7")])
        {
            await server.CreateAsync(Pods, $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"nodeName":"{{{on}}}","containers":[{"name":"c","image":"x"}]}}""");
        }

        async Task<Reply> AskAsync(string name)
        {
            var uid = (await server.GetAsync($"{Pods}/{name}"))["metadata.uid"];
            return await RunningServer.SendAsync(node, HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts/default/token",
                $$$$"""{"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"{{{{name}}}}","uid":"{{{{uid}}}}"}}}""", "application/json");
        }

        await Eventually.TrueAsync(async () => (await AskAsync("mine")).Code == 201, "the pod is seen");
        Assert.EndsWith("node requested token bound to a pod scheduled on a different node", (await AskAsync("theirs")).Message, StringComparison.Ordinal);
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
        // Nor by a role that collects what others hold.
        await server.CreateAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"metadata":{"name":"role-maker"},"rules":[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"verbs":["create"]}]}""");
        await server.CreateAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
            {"metadata":{"name":"role-maker"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"role-maker"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"carol"}]}
            """);
        await Eventually.TrueAsync(
            async () => (await RunningServer.SendAsync(carol, HttpMethod.Post, "/apis/rbac.authorization.k8s.io/v1/clusterroles",
                """{"metadata":{"name":"collector"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]}}""", "application/json")).Message
                .Contains("not currently held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}", StringComparison.Ordinal),
            "a collecting role wants every right");
    }
}
