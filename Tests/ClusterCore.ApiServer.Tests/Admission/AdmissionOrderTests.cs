using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Tests.Admission.Webhooks;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Admission;

[Collection(ServerCollection.Name)]
public sealed class AdmissionOrderTests(RunningServer server)
{
    private const string Place = "/api/v1/namespaces/in-order";

    /// <summary>Upstream's plugins that are on by default, in its order, as this server calls them; four of the server's own stand before the webhooks.</summary>
    [Fact]
    public void Plugins_come_in_upstreams_order() => Assert.Equal(
        """
        NamespaceLifecycle LimitRanger ServiceAccountAdmission NodeRestriction TaintNodesByCondition PodSecurityAdmission PriorityAdmission
        DefaultTolerationSeconds DefaultClass StorageObjectInUseProtection PersistentVolumeClaimResize RuntimeClassAdmission CertificateSigners CertificateSigners
        CertificateSubjectRestriction DefaultClass PodTopologyLabels RoleEscalation DefinitionWarnings FinalizerWarnings ObjectWarnings
        MutatingWebhooks ValidatingWebhooks ResourceQuotaAdmission
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        AdmissionPlugins.All(null!, null!, null!, null!, null!, null!, null!).Select(static plugin => plugin.GetType().Name));

    /// <summary>A pod that everything is wrong with: as each thing is put right, the next plugin is heard. What mutates comes before what validates.</summary>
    [Fact]
    public async Task A_pod_hears_of_its_faults_in_that_order()
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Deny("""{"message":"not today"}"""));
        var pod = """
            {"metadata":{"name":"wrong"},"spec":{"serviceAccountName":"missing","priorityClassName":"missing","runtimeClassName":"missing",
             "containers":[{"name":"c","image":"x","securityContext":{"privileged":true},"resources":{"limits":{"cpu":"2","memory":"1Gi"}}}]}}
            """;
        Task<Reply> TryAsync() => server.CreateAsync($"{Place}/pods", pod);
        async Task HearsAsync(string message)
        {
            var refused = await TryAsync();
            Assert.True(refused.Code >= 400 && refused.Message.Contains(message, StringComparison.Ordinal), $"expected {message}, got {refused.Code} {refused.Message}");
        }

        await HearsAsync("namespaces \"in-order\" not found");
        await server.CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"in-order","labels":{"pod-security.kubernetes.io/enforce":"baseline"}}}""");
        await using var place = await WebhookNamespace.CreateAsync(server, "in-order");
        await place.ValidateAsync("order.hooks.test", hook.ClientConfig, """ "rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]}] """);
        await server.CreateAsync($"{Place}/limitranges", """{"metadata":{"name":"small"},"spec":{"limits":[{"type":"Container","max":{"cpu":"1"}}]}}""");
        await server.CreateAsync($"{Place}/resourcequotas", """{"metadata":{"name":"none"},"spec":{"hard":{"pods":"0"}}}""");
        await HearsAsync("serviceaccount \"missing\" not found");
        pod = pod.Replace("\"serviceAccountName\":\"missing\",", "", StringComparison.Ordinal);
        await HearsAsync("no PriorityClass with name missing was found");
        pod = pod.Replace("\"priorityClassName\":\"missing\",", "", StringComparison.Ordinal);
        await HearsAsync("RuntimeClass \"missing\" not found");
        pod = pod.Replace("\"runtimeClassName\":\"missing\",", "", StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await TryAsync()).Message.Contains("maximum cpu usage per Container is 1", StringComparison.Ordinal), "the limit is seen");
        pod = pod.Replace("\"cpu\":\"2\"", "\"cpu\":\"1\"", StringComparison.Ordinal);
        await HearsAsync("violates PodSecurity \"baseline:latest\": privileged");
        Assert.Empty(hook.Requests);
        pod = pod.Replace("\"securityContext\":{\"privileged\":true},", "", StringComparison.Ordinal);
        await HearsAsync("admission webhook \"order.hooks.test\" denied the request: not today");
        await place.DisposeAsync();
        await Eventually.TrueAsync(async () => (await TryAsync()).Message.Contains("exceeded quota: none", StringComparison.Ordinal), "the quota is last");
    }
}
