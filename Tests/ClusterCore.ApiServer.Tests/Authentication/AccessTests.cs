using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Authentication;

[Collection(ServerCollection.Name)]
public sealed class AccessTests(RunningServer server)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task A_user_without_roles_is_told_what_it_may_not_do()
    {
        using var eve = server.As("eve");
        var refused = await RunningServer.SendAsync(eve, HttpMethod.Get, Maps, null, "");
        Assert.Equal(
            (403, "Forbidden", "configmaps is forbidden: User \"eve\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"default\""),
            (refused.Code, refused.Reason, refused.Message));
    }

    [Fact]
    public async Task A_role_binding_gives_access_in_its_namespace_only()
    {
        const string bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings";
        using var bob = server.As("bob");
        await server.CreateAsync(bindings, """
            {"metadata":{"name":"bob"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"bob"}]}
            """);
        await Eventually.TrueAsync(async () => (await RunningServer.SendAsync(bob, HttpMethod.Get, Maps, null, "")).Code == 200, "the binding counts");
        Assert.Equal(403, (await RunningServer.SendAsync(bob, HttpMethod.Get, "/api/v1/namespaces/kube-system/configmaps", null, "")).Code);
        Assert.Equal(403, (await RunningServer.SendAsync(bob, HttpMethod.Post, Maps, "{}", "application/json")).Code);
    }

    [Fact]
    public async Task Other_servers_of_the_cluster_read_whom_to_believe()
    {
        using var scheduler = server.As("system:kube-scheduler");
        const string path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication";
        var data = (await RunningServer.SendAsync(scheduler, HttpMethod.Get, path, null, "")).Json["data"]!;
        Assert.Equal(server.Api.Pki.AuthorityPem, data["client-ca-file"]!.ToString());
        Assert.Equal("""["front-proxy-client"]""", data["requestheader-allowed-names"]!.ToString());
        Assert.Equal("""["X-Remote-User"]""", data["requestheader-username-headers"]!.ToString());
    }

    [Fact]
    public async Task A_certificate_of_another_cluster_is_unauthorized()
    {
        using var other = CertificateAuthority.CreateSelfSigned("other", TimeProvider.System);
        using var foreign = new CertificateAuthority(other, TimeProvider.System).IssueClient("kubernetes-admin", "system:masters");
        using var handler = new SocketsHttpHandler
        {
            SslOptions =
            {
                LocalCertificateSelectionCallback = (_, _, _, _, _) => foreign,
                ClientCertificates = [foreign],
                RemoteCertificateValidationCallback = server.IsThisServer,
            },
        };
        using var client = new HttpClient(handler) { BaseAddress = server.Api.Addresses[0] };
        var refused = await RunningServer.SendAsync(client, HttpMethod.Get, Maps, null, "");
        Assert.Equal((401, "Unauthorized"), (refused.Code, refused.Reason));
    }

    [Fact]
    public async Task A_service_account_token_is_good_until_its_account_goes()
    {
        const string accounts = "/api/v1/namespaces/default/serviceaccounts";
        await server.CreateAsync(accounts, """{"metadata":{"name":"robot"}}""");
        var token = (await server.CreateAsync($"{accounts}/robot/token", "{}"))["status.token"];
        using var robot = server.WithToken(token);
        var who = await RunningServer.SendAsync(robot, HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", "application/json");
        Assert.Equal("system:serviceaccount:default:robot", who["status.userInfo.username"]);
        Assert.Contains("system:serviceaccounts:default", who.Text, StringComparison.Ordinal);
        await server.DeleteAsync($"{accounts}/robot");
        await Eventually.TrueAsync(async () => (await RunningServer.SendAsync(robot, HttpMethod.Get, "/api", null, "")).Code == 401, "the token is refused");
    }

    [Fact]
    public async Task A_token_with_a_changed_byte_is_unauthorized()
    {
        await server.CreateAsync("/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"forged"}}""");
        var token = (await server.CreateAsync("/api/v1/namespaces/default/serviceaccounts/forged/token", "{}"))["status.token"];
        using var forger = server.WithToken(token[..^4] + (token.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBB" : "AAAA"));
        Assert.Equal(401, (await RunningServer.SendAsync(forger, HttpMethod.Get, "/api", null, "")).Code);
    }

    [Fact]
    public async Task Calling_oneself_unauthenticated_opens_nothing()
    {
        using var sly = server.As("system:anonymous", "system:unauthenticated");
        Assert.Equal(403, (await RunningServer.SendAsync(sly, HttpMethod.Get, Maps, null, "")).Code);
        using var request = new HttpRequestMessage(HttpMethod.Get, Maps);
        request.Headers.Add("Impersonate-User", "system:anonymous");
        using var response = await server.Admin.SendAsync(request);
        Assert.Equal(403, (int)response.StatusCode);
    }

    [Fact]
    public async Task Nobody_asks_for_a_certificate_of_the_masters()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = new CertificateRequest("O=system:masters, CN=robot", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var refused = await server.CreateAsync("/apis/certificates.k8s.io/v1/certificatesigningrequests", """
            {"metadata":{"name":"greedy"},"spec":{"request":"PEM","signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth"]}}
            """.Replace("PEM", Convert.ToBase64String(Encoding.UTF8.GetBytes(pem)), StringComparison.Ordinal));
        Assert.Equal(403, refused.Code);
        Assert.Contains("system:masters group is not allowed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Impersonation_acts_as_the_other_user()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Maps);
        request.Headers.Add("Impersonate-User", "nobody-special");
        using var response = await server.Admin.SendAsync(request);
        Assert.Equal(403, (int)response.StatusCode);
        Assert.Contains("nobody-special", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
