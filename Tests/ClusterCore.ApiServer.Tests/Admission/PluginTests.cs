using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Admission;

[Collection(ServerCollection.Name)]
public sealed class PluginTests(RunningServer server)
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Claims = "/api/v1/namespaces/default/persistentvolumeclaims";

    [Fact]
    public async Task A_runtime_class_brings_its_cost_and_its_place()
    {
        await server.CreateAsync("/apis/node.k8s.io/v1/runtimeclasses", """
            {"metadata":{"name":"heavy"},"handler":"kata","overhead":{"podFixed":{"memory":"64Mi"}},
             "scheduling":{"nodeSelector":{"kata":"yes"},"tolerations":[{"key":"kata","operator":"Exists"}]}}
            """);
        var made = await PodAsync("heavy-one", "\"runtimeClassName\":\"heavy\"");
        Assert.Equal(("64Mi", "yes"), (made["spec.overhead.memory"], made["spec.nodeSelector.kata"]));
        Assert.Contains("\"key\":\"kata\"", made.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"runtimeClassName\":\"unknown\"", "pod rejected: RuntimeClass \"unknown\" not found")]
    [InlineData("\"overhead\":{\"cpu\":\"1\"}", "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")]
    [InlineData("\"runtimeClassName\":\"strict\",\"overhead\":{\"cpu\":\"2\"}", "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")]
    [InlineData("\"runtimeClassName\":\"strict\",\"nodeSelector\":{\"a\":\"c\"}", "conflict: runtimeClass.scheduling.nodeSelector[a] = b; pod.spec.nodeSelector[a] = c")]
    public async Task A_pod_that_its_runtime_class_does_not_fit_is_refused(string spec, string reason)
    {
        await server.CreateAsync("/apis/node.k8s.io/v1/runtimeclasses",
            """{"metadata":{"name":"strict"},"handler":"h","overhead":{"podFixed":{"cpu":"1"}},"scheduling":{"nodeSelector":{"a":"b"}}}""");
        var refused = await PodAsync("misfit", spec);
        Assert.Equal((403, $"pods \"misfit\" is forbidden: {reason}"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_claim_grows_when_it_is_bound_and_its_class_allows_it()
    {
        await server.CreateAsync("/apis/storage.k8s.io/v1/storageclasses", """{"metadata":{"name":"elastic"},"provisioner":"p","allowVolumeExpansion":true}""");
        await server.CreateAsync("/apis/storage.k8s.io/v1/storageclasses", """{"metadata":{"name":"rigid"},"provisioner":"p"}""");
        await ClaimAsync("unbound", "elastic", bind: false);
        await ClaimAsync("stiff", "rigid", bind: true);
        await ClaimAsync("grows", "elastic", bind: true);
        Assert.Equal(422, (await GrowAsync("unbound")).Code);
        Assert.EndsWith("the storageclass that provisions the pvc must support resize", (await GrowAsync("stiff")).Message, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await GrowAsync("grows")).Code == 200, "the class is seen");
    }

    [Fact]
    public async Task An_ingress_without_a_class_gets_the_default_one()
    {
        await server.CreateAsync("/apis/networking.k8s.io/v1/ingressclasses", """
            {"metadata":{"name":"front","annotations":{"ingressclass.kubernetes.io/is-default-class":"true"}},"spec":{"controller":"example.com/c"}}
            """);
        const string ingresses = "/apis/networking.k8s.io/v1/namespaces/default/ingresses?dryRun=All";
        const string spec = """ "spec":{"defaultBackend":{"service":{"name":"s","port":{"number":80}}}} """;
        await Eventually.TrueAsync(
            async () => (await server.CreateAsync(ingresses, $$"""{"metadata":{"name":"i"},{{spec}}}"""))["spec.ingressClassName"] == "front", "the class is seen");
        var own = await server.CreateAsync(ingresses, $$$"""{"metadata":{"name":"i","annotations":{"kubernetes.io/ingress.class":"mine"}},{{{spec}}}}""");
        Assert.Equal("", own["spec.ingressClassName"]);
    }

    [Fact]
    public async Task A_claim_without_a_class_gets_the_newest_default_one()
    {
        const string classes = "/apis/storage.k8s.io/v1/storageclasses";
        const string spec = """ "accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"} } """;
        Task<Reply> ClaimAsync(string more = "", string annotations = "{}") =>
            server.CreateAsync($"{Claims}?dryRun=All", $$$"""{"metadata":{"name":"classless","annotations":{{{annotations}}}},"spec":{ {{{spec}}}{{{more}}} } }""");
        foreach (var (name, isDefault) in (IEnumerable<(string, string)>)[("older", "true"), ("plain", "false")])
        {
            await server.CreateAsync(classes, $$$"""{"metadata":{"name":"{{{name}}}","annotations":{"storageclass.kubernetes.io/is-default-class":"{{{isDefault}}}"}},"provisioner":"p"}""");
        }

        await Eventually.TrueAsync(async () => (await ClaimAsync())["spec.storageClassName"] == "older", "the class is seen");
        // Times have seconds: of two of one second the first by name counts.
        await server.CreateAsync(classes, """{"metadata":{"name":"newer","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},"provisioner":"p"}""");
        await Eventually.TrueAsync(async () => (await ClaimAsync())["spec.storageClassName"] == "newer", "the newer class is seen");
        var none = (await ClaimAsync(",\"storageClassName\":\"\"")).Json["spec"]!.AsObject();
        Assert.Equal("", none["storageClassName"]!.ToString());
        Assert.Equal("plain", (await ClaimAsync(",\"storageClassName\":\"plain\""))["spec.storageClassName"]);
        Assert.False((await ClaimAsync(annotations: """{"volume.beta.kubernetes.io/storage-class":"plain"}""")).Json["spec"]!.AsObject().ContainsKey("storageClassName"));
        await server.DeleteAsync($"{classes}/older");
        await server.DeleteAsync($"{classes}/newer");
    }

    [Fact]
    public async Task Volumes_and_claims_are_protected_from_birth()
    {
        await this.ClaimAsync("protected", "x", bind: false);
        Assert.Equal("kubernetes.io/pvc-protection", (await server.GetAsync($"{Claims}/protected"))["metadata.finalizers.0"]);
        Assert.Equal((200, "protected"), await server.DeleteAsync($"{Claims}/protected") is var kept ? (kept.Code, kept["metadata.name"]) : default);
        Assert.NotEqual("", (await server.GetAsync($"{Claims}/protected"))["metadata.deletionTimestamp"]);
        var volume = await server.CreateAsync("/api/v1/persistentvolumes", """
            {"metadata":{"name":"protected"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/tmp"}}}
            """);
        Assert.Equal("kubernetes.io/pv-protection", volume["metadata.finalizers.0"]);
    }

    [Fact]
    public async Task Nothing_is_made_in_a_namespace_that_is_not_there()
    {
        var refused = await server.CreateAsync("/api/v1/namespaces/nowhere/configmaps", """{"metadata":{"name":"a"}}""");
        Assert.Equal((404, "NotFound", "namespaces \"nowhere\" not found"), (refused.Code, refused.Reason, refused.Message));
    }

    [Theory, InlineData("default"), InlineData("kube-system"), InlineData("kube-public")]
    public async Task The_clusters_own_namespaces_stay(string name)
    {
        var refused = await server.DeleteAsync($"/api/v1/namespaces/{name}");
        Assert.Equal((403, $"namespaces \"{name}\" is forbidden: this namespace may not be deleted"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_bound_pod_has_the_zone_of_its_node()
    {
        await server.CreateAsync("/api/v1/nodes", """{"metadata":{"name":"zoned","labels":{"topology.kubernetes.io/zone":"z1","topology.kubernetes.io/region":"r1"}}}""");
        await Eventually.TrueAsync(async () => (await server.GetAsync("/api/v1/nodes?resourceVersion=0")).Text.Contains("\"zoned\"", StringComparison.Ordinal), "the node is seen");
        await server.CreateAsync(Pods, """{"metadata":{"name":"placed","labels":{"topology.kubernetes.io/region":"mine"}},"spec":{"containers":[{"name":"c","image":"x"}]}}""");
        await server.CreateAsync($"{Pods}/placed/binding", """{"metadata":{"name":"placed"},"target":{"kind":"Node","name":"zoned"}}""");
        var labels = (await server.GetAsync($"{Pods}/placed")).Json["metadata"]!["labels"]!;
        Assert.Equal(("z1", "r1"), (labels["topology.kubernetes.io/zone"]!.ToString(), labels["topology.kubernetes.io/region"]!.ToString()));
    }

    [Fact]
    public async Task Preemption_is_as_the_priority_class_says()
    {
        var refused = await PodAsync("meek", "\"priorityClassName\":\"system-node-critical\",\"preemptionPolicy\":\"Never\"");
        Assert.Equal(
            (403, "pods \"meek\" is forbidden: the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name"),
            (refused.Code, refused.Message));
    }

    [Fact]
    public async Task There_is_one_default_priority()
    {
        const string classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
        await server.CreateAsync(classes, """{"metadata":{"name":"usual"},"value":0,"globalDefault":true}""");
        await Eventually.TrueAsync(
            async () => (await server.CreateAsync($"{classes}?dryRun=All", """{"metadata":{"name":"other"},"value":1,"globalDefault":true}""")).Message
                == "priorityclasses.scheduling.k8s.io \"other\" is forbidden: PriorityClass usual is already marked as default. Only one default can exist",
            "the class is seen");
        await server.DeleteAsync($"{classes}/usual");
    }

    [Fact]
    public async Task Approving_and_signing_need_a_right_for_the_signer()
    {
        const string requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = new CertificateRequest("CN=robot", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        await server.CreateAsync(requests, $$$"""
            {"metadata":{"name":"robot"},"spec":{"request":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(pem))}}}","signerName":"example.com/robots","usages":["client auth"]}}
            """);
        await GrantAsync("approver", """[{"apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests/approval","certificatesigningrequests/status"],"verbs":["update","patch"]}]""");
        using var approver = server.As("approver");
        const string approval = """{"status":{"conditions":[{"type":"Approved","status":"True","reason":"r","message":"m"}]}}""";
        Task<Reply> TryAsync(string subresource, string patch) =>
            RunningServer.SendAsync(approver, HttpMethod.Patch, $"{requests}/robot/{subresource}", patch, "application/merge-patch+json");
        await Eventually.TrueAsync(
            async () => (await TryAsync("approval", approval)).Message.EndsWith("user not permitted to approve requests with signerName \"example.com/robots\"", StringComparison.Ordinal),
            "the role counts, and is not enough");
        Assert.EndsWith("user not permitted to sign requests with signerName \"example.com/robots\"", (await TryAsync("status", new JsonObject { ["status"] = new JsonObject { ["certificate"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(server.Api.Pki.AuthorityPem)) } }.ToJsonString())).Message, StringComparison.Ordinal);
        await GrantAsync("approver-signer", """[{"apiGroups":["certificates.k8s.io"],"resources":["signers"],"resourceNames":["example.com/*"],"verbs":["approve"]}]""", "approver");
        await Eventually.TrueAsync(async () => (await TryAsync("approval", approval)).Code == 200, "the right for the signer counts");
    }

    private async Task GrantAsync(string name, string rules, string? user = null)
    {
        const string rbac = "/apis/rbac.authorization.k8s.io/v1";
        await server.CreateAsync($"{rbac}/clusterroles", $$$"""{"metadata":{"name":"{{{name}}}"},"rules":{{{rules}}}}""");
        await server.CreateAsync($"{rbac}/clusterrolebindings", $$$"""
            {"metadata":{"name":"{{{name}}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{{name}}}"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"{{{user ?? name}}}"}]}
            """);
    }

    private Task<Reply> PodAsync(string name, string spec) =>
        server.CreateAsync(Pods, $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{ {{{spec}}},"containers":[{"name":"c","image":"x"}]} }""");

    private async Task ClaimAsync(string name, string @class, bool bind)
    {
        var made = await server.CreateAsync(Claims, $$$"""
            {"metadata":{"name":"{{{name}}}"},"spec":{"storageClassName":"{{{@class}}}","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"} } } }
            """);
        Assert.True(made.Code == 201, made.Text);
        if (bind) { Assert.Equal(200, (await server.PatchAsync($"{Claims}/{name}/status", """{"status":{"phase":"Bound"}}""")).Code); }
    }

    private Task<Reply> GrowAsync(string name) => server.PatchAsync($"{Claims}/{name}", """{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}""");
}
