using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

/// <summary>What a cluster does for those who use it besides running their pods.</summary>
public sealed class ClusterServiceTests(ControlPlane cluster)
{
    [Fact]
    public async Task An_approved_request_becomes_a_certificate_that_the_server_knows()
    {
        var name = $"jane-{Guid.NewGuid():N}";
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}, O=developers", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        await cluster.CreateAsync(Kinds.CertificateSigningRequests, "", $$$"""
            {"metadata":{"name":"{{{name}}}"},"spec":{"request":"{{{Convert.ToBase64String(Encoding.ASCII.GetBytes(request))}}}",
             "signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth"]} }
            """);
        var approval = Patch.Strategic(JsonNode.Parse("""{"status":{"conditions":[{"type":"Approved","status":"True","reason":"Test","message":"by hand"}]}}""")!);
        (await cluster.Client.PatchAsync(Kinds.CertificateSigningRequests, null, name, approval, CancellationToken.None, "approval")).OrThrow();
        await Eventually.TrueAsync(async () => await CertificateAsync(name) is { Length: > 0 }, "it is signed");
        var certificate = Encoding.ASCII.GetString((await CertificateAsync(name))!);
        using var jane = ApiClient.Create(cluster.Kubeconfig with { ClientCertificate = certificate, ClientKey = key.ExportPkcs8PrivateKeyPem() });
        Assert.Equal(name, await WhoAsync(jane));
    }

    [Fact]
    public async Task A_nodes_own_request_is_approved_for_who_may_ask_for_nodes()
    {
        var ns = await cluster.NamespaceAsync();
        using var stranger = await RobotAsync(ns, "stranger", "system:certificates.k8s.io:kube-apiserver-client-approver", "csr-maker");
        using var bootstrapper = await RobotAsync(ns, "bootstrapper", "system:certificates.k8s.io:certificatesigningrequests:nodeclient", "csr-maker");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var refused = await AskAsync(stranger, key, $"{ns}-refused");
        var asked = await AskAsync(bootstrapper, key, $"{ns}-joins");
        await Eventually.TrueAsync(async () => await CertificateAsync(asked) is { Length: > 0 }, "it is signed");
        var approved = Assert.Single((await cluster.GetAsync(Kinds.CertificateSigningRequests, null, asked))!.Status.Conditions!);
        Assert.Equal(
            ("Approved", "AutoApproved", "Auto approving kubelet client certificate after SubjectAccessReview."), (approved.Type, approved.Reason, approved.Message));
        using var node = ApiClient.Create(cluster.Kubeconfig with
        {
            ClientCertificate = Encoding.ASCII.GetString((await CertificateAsync(asked))!),
            ClientKey = key.ExportPkcs8PrivateKeyPem(),
        });
        Assert.Equal($"system:node:{ns}-joins", await WhoAsync(node));
        // It was asked first.
        Assert.Null((await cluster.GetAsync(Kinds.CertificateSigningRequests, null, refused))!.Status.Conditions);
    }

    private static async Task<string> AskAsync(ApiClient client, ECDsa key, string node)
    {
        var request = new CertificateRequest($"CN=system:node:{node}, O=system:nodes", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var body = JsonNode.Parse($$$"""
            {"metadata":{"name":"{{{node}}}"},"spec":{"request":"{{{Convert.ToBase64String(Encoding.ASCII.GetBytes(request))}}}",
             "signerName":"kubernetes.io/kube-apiserver-client-kubelet","usages":["digital signature","client auth"]} }
            """)!;
        (await client.CreateAsync(Kinds.CertificateSigningRequests, null, body.AsObject(), CancellationToken.None)).OrThrow();
        return node;
    }

    /// <summary>A client that is a service account with these roles; <c>csr-maker</c> may make certificate requests.</summary>
    private async Task<ApiClient> RobotAsync(string ns, string name, params string[] roles)
    {
        await cluster.Client.CreateAsync(Kinds.ClusterRoles, null, JsonNode.Parse("""
            {"metadata":{"name":"csr-maker"},"rules":[{"apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests"],"verbs":["create"]}]}
            """)!.AsObject(), CancellationToken.None);
        await cluster.CreateAsync(Kinds.ServiceAccounts, ns, $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        foreach (var role in roles)
        {
            var binding = JsonNode.Parse($$$"""
                {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"generateName":"{{{name}}}-"},
                 "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{{role}}}"},
                 "subjects":[{"kind":"ServiceAccount","name":"{{{name}}}","namespace":"{{{ns}}}"}]}
                """);
            (await cluster.Client.RequestAsync(HttpMethod.Post, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding, CancellationToken.None)).OrThrow();
        }
        var asked = JsonNode.Parse("""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""");
        var token = (await cluster.Client.RequestAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts/{name}/token", asked, CancellationToken.None)).OrThrow();
        return ApiClient.Create(cluster.Kubeconfig with { ClientCertificate = null, ClientKey = null, Token = (string)token["status"]!["token"]! });
    }

    [Fact]
    public async Task Every_namespace_has_the_authority_of_the_cluster_and_gets_it_back()
    {
        var ns = await cluster.NamespaceAsync();
        await Eventually.TrueAsync(async () => await AuthorityAsync(ns) is { Length: > 0 }, "the authority is published");
        Assert.Contains("BEGIN CERTIFICATE", await AuthorityAsync(ns), StringComparison.Ordinal);
        await cluster.Client.DeleteAsync(Kinds.ConfigMaps, ns, "kube-root-ca.crt", CancellationToken.None);
        await Eventually.TrueAsync(async () => await AuthorityAsync(ns) is { Length: > 0 }, "it is published again");
    }

    private async Task<string?> AuthorityAsync(string ns) => (await cluster.GetAsync(Kinds.ConfigMaps, ns, "kube-root-ca.crt"))?.Data?.GetValueOrDefault("ca.crt");

    [Fact]
    public async Task Endpoints_written_by_hand_are_mirrored_and_a_mirror_comes_back()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Services, ns, """{"metadata":{"name":"db"},"spec":{"ports":[{"port":5432}]}}""");
        await cluster.CreateAsync(Kinds.Endpoints, ns, """{"metadata":{"name":"db"},"subsets":[{"addresses":[{"ip":"192.0.2.7"}],"ports":[{"port":5432}]}]}""");
        var first = await MirrorAsync(ns, "");
        await cluster.Client.DeleteAsync(Kinds.EndpointSlices, ns, first.Metadata.Name, CancellationToken.None);
        var second = await MirrorAsync(ns, first.Metadata.Uid!);
        Assert.Equal(first.Metadata.Name, second.Metadata.Name);
        Assert.Equal(["192.0.2.7"], second.Endpoints![0].Addresses!);
    }

    private async Task<EndpointSlice> MirrorAsync(string ns, string otherThan)
    {
        EndpointSlice? found = null;
        await Eventually.TrueAsync(
            async () => (found = (await cluster.ListAsync(Kinds.EndpointSlices, ns)).SingleOrDefault()) is not null && found.Metadata.Uid != otherThan, "there is a mirror");
        return found!;
    }

    [Fact]
    public async Task Every_namespace_has_a_default_service_account_and_gets_it_back()
    {
        var ns = await cluster.NamespaceAsync();
        var first = (await cluster.GetAsync(Kinds.ServiceAccounts, ns, "default"))!.Metadata.Uid;
        await cluster.Client.DeleteAsync(Kinds.ServiceAccounts, ns, "default", CancellationToken.None);
        await Eventually.TrueAsync(
            async () => await cluster.GetAsync(Kinds.ServiceAccounts, ns, "default") is { } account && account.Metadata.Uid != first, "there is another");
    }

    [Fact]
    public async Task A_secret_for_a_service_account_gets_a_token_that_lives_as_long_as_both()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.ServiceAccounts, ns, """{"metadata":{"name":"robot"}}""");
        await cluster.CreateAsync(Kinds.Secrets, ns, """
            {"metadata":{"name":"robot-token","annotations":{"kubernetes.io/service-account.name":"robot"}},"type":"kubernetes.io/service-account-token"}
            """);
        await Eventually.TrueAsync(async () => (await cluster.GetAsync(Kinds.Secrets, ns, "robot-token"))?.Data?.ContainsKey("token") == true, "it is filled");
        var data = (await cluster.GetAsync(Kinds.Secrets, ns, "robot-token"))!.Data!;
        Assert.Equal(ns, Encoding.ASCII.GetString(data["namespace"]));
        Assert.Contains("BEGIN CERTIFICATE", Encoding.ASCII.GetString(data["ca.crt"]), StringComparison.Ordinal);
        using var robot = ApiClient.Create(cluster.Kubeconfig with { ClientCertificate = null, ClientKey = null, Token = Encoding.ASCII.GetString(data["token"]) });
        Assert.Equal($"system:serviceaccount:{ns}:robot", await WhoAsync(robot));

        await cluster.Client.DeleteAsync(Kinds.ServiceAccounts, ns, "robot", CancellationToken.None);
        await Eventually.TrueAsync(async () => await cluster.GetAsync(Kinds.Secrets, ns, "robot-token") is null, "it goes with its account");
    }

    [Fact]
    public async Task A_load_balancer_has_an_address_of_the_pool_while_it_is_one()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Services, ns, """{"metadata":{"name":"front"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""");
        await Eventually.TrueAsync(
            async () => (await cluster.GetAsync(Kinds.Services, ns, "front"))?.Status.LoadBalancer?.Ingress is [{ IpMode: "VIP", Ip: { } ip }]
                && ip.StartsWith("10.112.", StringComparison.Ordinal),
            "it has an address");
        Assert.Contains("service.kubernetes.io/load-balancer-cleanup", (await cluster.GetAsync(Kinds.Services, ns, "front"))!.Metadata.Finalizers!);
        await Eventually.TrueAsync(async () => (await EventsAsync(ns)).Contains("EnsuredLoadBalancer"), "it is told");
        await cluster.Client.DeleteAsync(Kinds.Services, ns, "front", CancellationToken.None);
        await Eventually.TrueAsync(async () => await cluster.GetAsync(Kinds.Services, ns, "front") is null, "it lets go");
    }

    [Fact]
    public async Task Claims_go_with_the_pods_that_scaling_takes_and_with_their_set()
    {
        var ns = await cluster.NamespaceAsync();
        var set = JsonNode.Parse(Manifests.StatefulSet("db", 2))!;
        set["spec"]!["persistentVolumeClaimRetentionPolicy"] = new JsonObject { ["whenScaled"] = "Delete", ["whenDeleted"] = "Delete" };
        await cluster.CreateAsync(Kinds.StatefulSets, ns, set.ToJsonString());
        await Eventually.TrueAsync(async () => (await cluster.GetAsync(Kinds.StatefulSets, ns, "db"))?.Status.AvailableReplicas == 2, "both run");
        var volumes = (await cluster.ListAsync(Kinds.PersistentVolumeClaims, ns)).Select(claim => claim.Spec.VolumeName!).ToArray();
        Assert.Equal(2, volumes.Length);

        await cluster.MergeAsync(Kinds.StatefulSets, ns, "db", """{"spec":{"replicas":1}}""");
        await Eventually.TrueAsync(async () => await cluster.ListAsync(Kinds.PersistentVolumeClaims, ns) is [{ Metadata.Name: "data-db-0" }], "the second claim went");
        await cluster.Client.DeleteAsync(Kinds.StatefulSets, ns, "db", CancellationToken.None);
        await Eventually.TrueAsync(async () => (await cluster.ListAsync(Kinds.PersistentVolumeClaims, ns)).Count == 0, "the first went with the set");
        foreach (var volume in volumes)
        {
            await Eventually.TrueAsync(async () => await cluster.GetAsync(Kinds.PersistentVolumes, null, volume) is null, "its volume is reclaimed");
        }
    }

    [Fact]
    public async Task Roles_that_are_labelled_for_it_grow_the_viewers()
    {
        var name = $"widgets-{Guid.NewGuid():N}";
        await cluster.CreateAsync(Kinds.ClusterRoles, "", $$$"""
            {"metadata":{"name":"{{{name}}}","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},"rules":[{"apiGroups":["example.com"],"resources":["{{{name}}}"],"verbs":["get"]}]}
            """);
        await Eventually.TrueAsync(() => MayViewAsync(name), "viewers may read them");
        await cluster.Client.DeleteAsync(Kinds.ClusterRoles, null, name, CancellationToken.None);
        await Eventually.TrueAsync(async () => !await MayViewAsync(name), "and may not any more");
    }

    [Fact]
    public async Task A_finished_job_goes_when_its_time_is_up()
    {
        var ns = await cluster.NamespaceAsync();
        var job = JsonNode.Parse(Manifests.Job("brief", completions: 1, end: "Succeeded"))!;
        job["spec"]!["ttlSecondsAfterFinished"] = 0;
        await cluster.CreateAsync(Kinds.Jobs, ns, job.ToJsonString());
        await Eventually.TrueAsync(
            async () => await cluster.GetAsync(Kinds.Jobs, ns, "brief") is null && (await cluster.ListAsync(Kinds.Pods, ns)).Count == 0, "it is gone with its pods");
    }

    private async Task<byte[]?> CertificateAsync(string name) => (await cluster.GetAsync(Kinds.CertificateSigningRequests, null, name))?.Status.Certificate;

    private async Task<bool> MayViewAsync(string resource) =>
        (await cluster.GetAsync(Kinds.ClusterRoles, null, "view"))!.Rules!.Any(rule => rule.Resources?.Contains(resource) == true);

    private async Task<string[]> EventsAsync(string ns) => [.. (await cluster.ListAsync(Kinds.Events, ns)).Select(happened => happened.Reason!)];

    private static async Task<string?> WhoAsync(ApiClient client)
    {
        var review = JsonNode.Parse("""{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""");
        var answer = await client.RequestAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", review, CancellationToken.None);
        return (string?)answer.OrThrow()["status"]?["userInfo"]?["username"];
    }
}
