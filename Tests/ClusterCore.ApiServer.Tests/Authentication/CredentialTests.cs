using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Authentication;

[Collection(ServerCollection.Name)]
public sealed class CredentialTests(RunningServer server)
{
    private const string Who = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

    [Theory]
    [InlineData("aaaaaa", """ "usage-bootstrap-authentication":"true","auth-extra-groups":"system:bootstrappers:workers" """, 201)]
    [InlineData("bbbbbb", """ "usage-bootstrap-authentication":"false" """, 401)]
    [InlineData("cccccc", """ "usage-bootstrap-authentication":"true","expiration":"2020-01-01T00:00:00Z" """, 401)]
    [InlineData("dddddd", """ "usage-bootstrap-authentication":"true","auth-extra-groups":"system:masters" """, 401)]
    public async Task A_bootstrap_token_is_a_secret(string id, string data, int code)
    {
        const string secret = "0123456789abcdef";
        var made = await server.CreateAsync("/api/v1/namespaces/kube-system/secrets",
            $$$"""{"metadata":{"name":"bootstrap-token-{{{id}}}"},"type":"bootstrap.kubernetes.io/token","stringData":{"token-id":"{{{id}}}","token-secret":"{{{secret}}}",{{{data}}} } }""");
        Assert.True(made.Code == 201, made.Text);
        using var joining = server.WithToken($"{id}.{secret}");
        await Eventually.TrueAsync(async () => (await ReviewAsync(joining)).Code == code, "the secret is seen");
        using var wrong = server.WithToken($"{id}.{secret[..^1]}0");
        Assert.Equal(401, (await ReviewAsync(wrong)).Code);
        if (code != 201) { return; }
        var who = await ReviewAsync(joining);
        Assert.Equal(
            ("system:bootstrap:aaaaaa", """["system:bootstrappers","system:bootstrappers:workers","system:authenticated"]"""),
            (who["status.userInfo.username"], who.Json["status"]!["userInfo"]!["groups"]!.ToJsonString()));
    }

    [Fact]
    public async Task A_token_that_a_controller_manager_put_into_a_secret_is_good_while_it_is_there()
    {
        var account = await server.CreateAsync("/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"robot"}}""");
        string Sign(string secret) => JsonWebToken.SignEs256(
            new()
            {
                ["iss"] = "kubernetes/serviceaccount",
                ["kubernetes.io/serviceaccount/namespace"] = "default",
                ["kubernetes.io/serviceaccount/secret.name"] = secret,
                ["kubernetes.io/serviceaccount/service-account.name"] = "robot",
                ["kubernetes.io/serviceaccount/service-account.uid"] = account["metadata.uid"],
                ["sub"] = "system:serviceaccount:default:robot",
            },
            server.Api.Pki.ServiceAccountKey, "");
        const string path = "/api/v1/namespaces/default/secrets";
        var token = Sign("robot-token");
        await server.CreateAsync(path, $$"""
            {"metadata":{"name":"robot-token","annotations":{"kubernetes.io/service-account.name":"robot"} },
             "type":"kubernetes.io/service-account-token","stringData":{"token":"{{token}}"} }
            """);
        using var robot = server.WithToken(token);
        await Eventually.TrueAsync(async () => (await ReviewAsync(robot)).Code == 201, "the secret is seen");
        Assert.Equal("system:serviceaccount:default:robot", (await ReviewAsync(robot))["status.userInfo.username"]);
        Assert.Equal($"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}", (await server.GetAsync($"{path}/robot-token")).Json["metadata"]!["labels"]!["kubernetes.io/legacy-token-last-used"]!.ToString());
        using var unheld = server.WithToken(Sign("robot-other"));
        Assert.Equal(401, (await ReviewAsync(unheld)).Code);
        await server.PatchAsync($"{path}/robot-token", """{"metadata":{"labels":{"kubernetes.io/legacy-token-invalid-since":"2026-01-01"}}}""");
        await Eventually.TrueAsync(async () => (await ReviewAsync(robot)).Code == 401, "the secret is marked invalid");
        await server.PatchAsync($"{path}/robot-token", """{"metadata":{"labels":{"kubernetes.io/legacy-token-invalid-since":null}}}""");
        await Eventually.TrueAsync(async () => (await ReviewAsync(robot)).Code == 201, "the mark is gone");
        await server.DeleteAsync($"{path}/robot-token");
        await Eventually.TrueAsync(async () => (await ReviewAsync(robot)).Code == 401, "the secret is gone");
    }

    [Fact]
    public async Task The_front_proxy_says_who_its_client_is_and_nobody_else_does()
    {
        using var proxy = server.With(server.Api.Pki.FrontProxyClient);
        var who = await ReviewAsync(proxy, ("X-Remote-User", "paul"), ("X-Remote-Group", "choir"), ("X-Remote-Uid", "7"), ("X-Remote-Extra-Acme.com%2Fproject", "blue"));
        Assert.Equal(
            ("paul", "7", "blue"),
            (who["status.userInfo.username"], who["status.userInfo.uid"], who.Json["status"]!["userInfo"]!["extra"]!["acme.com/project"]![0]!.ToString()));
        Assert.Contains("choir", who.Text, StringComparison.Ordinal);
        using var user = server.As("mary");
        Assert.Equal("mary", (await ReviewAsync(user, ("X-Remote-User", "paul")))["status.userInfo.username"]);
        using var other = new CertificateAuthority(server.Api.Pki.FrontProxyAuthority, TimeProvider.System).IssueClient("someone");
        using var impostor = server.With(other);
        Assert.Equal(401, (await ReviewAsync(impostor, ("X-Remote-User", "paul"))).Code);
    }

    [Theory, InlineData("Impersonate-Group", "g"), InlineData("Impersonate-Uid", "1"), InlineData("Impersonate-Extra-a", "b")]
    public async Task Impersonation_wants_a_user(string header, string value) =>
        Assert.Equal(400, (await ReviewAsync(server.Admin, (header, value))).Code);

    [Fact]
    public async Task Impersonation_brings_groups_uid_and_extra_and_each_needs_its_right()
    {
        (string, string)[] headers = [("Impersonate-User", "ann"), ("Impersonate-Group", "dev"), ("Impersonate-Uid", "42"), ("Impersonate-Extra-Scopes", "view")];
        var who = await ReviewAsync(server.Admin, headers);
        Assert.Equal(("ann", "42", "view"), (who["status.userInfo.username"], who["status.userInfo.uid"], who["status.userInfo.extra.scopes.0"]));
        await server.CreateAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles", """
            {"metadata":{"name":"acting"},"rules":[{"apiGroups":[""],"resources":["users"],"verbs":["impersonate"]}]}
            """);
        await server.CreateAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
            {"metadata":{"name":"acting"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"acting"},"subjects":[{"kind":"User","name":"actor","apiGroup":"rbac.authorization.k8s.io"}]}
            """);
        using var actor = server.As("actor");
        await Eventually.TrueAsync(async () => (await ReviewAsync(actor, headers[0])).Code == 201, "the actor may act as a user");
        foreach (var more in headers[1..]) { Assert.Equal(403, (await ReviewAsync(actor, headers[0], more)).Code); }
    }

    [Fact]
    public async Task A_bound_token_dies_with_its_pod_and_tells_its_node()
    {
        await server.CreateAsync("/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"holder"}}""");
        await server.CreateAsync("/api/v1/nodes", """{"metadata":{"name":"bound-node"}}""");
        await server.CreateAsync("/api/v1/namespaces/default/pods", """{"metadata":{"name":"holder"},"spec":{"serviceAccountName":"holder","nodeName":"bound-node","containers":[{"name":"c","image":"x"}]}}""");
        var made = await server.CreateAsync("/api/v1/namespaces/default/serviceaccounts/holder/token", """{"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"holder"}}}""");
        Assert.True(made.Code == 201, made.Text);
        using var client = server.WithToken(made["status.token"]);
        await Eventually.TrueAsync(async () => (await ReviewAsync(client)).Code == 201, "the pod is seen");
        var extra = (await ReviewAsync(client)).Json["status"]!["userInfo"]!["extra"]!.AsObject();
        Assert.Equal("holder", extra["authentication.kubernetes.io/pod-name"]![0]!.ToString());
        Assert.Equal("bound-node", extra["authentication.kubernetes.io/node-name"]![0]!.ToString());
        await server.DeleteAsync("/api/v1/namespaces/default/pods/holder", """{"gracePeriodSeconds":0}""");
        await Eventually.TrueAsync(async () => (await ReviewAsync(client)).Code == 401, "the token is refused");
    }

    [Theory, InlineData("Secret", "/api/v1/namespaces/default/secrets"), InlineData("Node", "/api/v1/nodes")]
    public async Task A_token_dies_with_what_it_is_bound_to(string kind, string path)
    {
        var name = $"binding-{kind.ToLowerInvariant()}";
        await server.CreateAsync(path, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }.ToJsonString());
        var made = await server.CreateAsync("/api/v1/namespaces/default/serviceaccounts/default/token",
            $$$$"""{"spec":{"boundObjectRef":{"kind":"{{{{kind}}}}","apiVersion":"v1","name":"{{{{name}}}}"}}}""");
        using var client = server.WithToken(made["status.token"]);
        await Eventually.TrueAsync(async () => (await ReviewAsync(client)).Code == 201, "the object is seen");
        await server.DeleteAsync($"{path}/{name}");
        await Eventually.TrueAsync(async () => (await ReviewAsync(client)).Code == 401, "the token is refused");
    }

    [Theory]
    [InlineData("/healthz", 200), InlineData("/livez", 200), InlineData("/readyz", 200), InlineData("/version", 200), InlineData("/openid/v1/jwks", 200)]
    [InlineData("/api", 401), InlineData("/metrics", 401), InlineData("/api/v1/namespaces", 401), InlineData("/apis", 401), InlineData("/openapi/v3", 401)]
    public async Task Without_credentials_there_is_health_and_nothing_else(string path, int code)
    {
        using var nobody = server.WithToken(null);
        Assert.Equal(code, (await RunningServer.SendAsync(nobody, HttpMethod.Get, path, null, "")).Code);
    }

    private static async Task<Reply> ReviewAsync(HttpClient client, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Who) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers) { request.Headers.TryAddWithoutValidation(name, value); }
        using var response = await client.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), [], null);
    }
}
