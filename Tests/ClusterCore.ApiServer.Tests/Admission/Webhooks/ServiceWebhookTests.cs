namespace Flotilla.ClusterCore.ApiServer.Tests.Admission.Webhooks;

[Collection(ServerCollection.Name)]
public sealed class ServiceWebhookTests(RunningServer server)
{
    [Fact]
    public async Task A_webhook_is_found_by_the_external_name_of_its_service()
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allow(), "outside.hooks-name.svc");
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-name");
        await server.CreateAsync($"{place.Path}/services", """{"metadata":{"name":"outside"},"spec":{"type":"ExternalName","externalName":"localhost"}}""");
        await place.ValidateAsync("name.hooks.test", Client(hook, "hooks-name", "outside", hook.Port));
        Assert.Equal(201, (await place.CreateMapAsync("one")).Code);
        Assert.Single(hook.Requests);
    }

    [Fact]
    public async Task A_webhook_in_a_pod_is_reached_through_the_kubelet_of_its_node()
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Deny("""{"message":"from the pod"}"""), "inside.hooks-pod.svc");
        await using var kubelet = await ForwardingKubelet.StartAsync(hook.Port);
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-pod");
        await server.CreateAsync("/api/v1/nodes", $$$$"""
            {"metadata":{"name":"hooks-node"},"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":{{{{kubelet.Port}}}} } } }}
            """);
        await server.CreateAsync($"{place.Path}/pods", """{"metadata":{"name":"hook-0"},"spec":{"nodeName":"hooks-node","containers":[{"name":"c","image":"x"}]}}""");
        await server.CreateAsync($"{place.Path}/services", """{"metadata":{"name":"inside"},"spec":{"ports":[{"port":443,"targetPort":8443}]}}""");
        await server.CreateAsync("/apis/discovery.k8s.io/v1/namespaces/hooks-pod/endpointslices", """
            {"metadata":{"name":"inside-1","labels":{"kubernetes.io/service-name":"inside"}},"addressType":"IPv4","ports":[{"name":"","port":8443}],
             "endpoints":[{"addresses":["10.244.0.7"],"conditions":{"ready":true},"targetRef":{"kind":"Pod","namespace":"hooks-pod","name":"hook-0"}}]}
            """);
        await place.ValidateAsync("pod.hooks.test", Client(hook, "hooks-pod", "inside", 443));
        var refused = await place.CreateMapAsync("one");
        Assert.Equal("admission webhook \"pod.hooks.test\" denied the request: from the pod", refused.Message);
        Assert.Equal("/portForward/hooks-pod/hook-0?port=8443", kubelet.Asked);
    }

    [Theory, InlineData("missing", "service \"missing\" not found"), InlineData("lonely", "no endpoints available for service \"lonely\"")]
    public async Task What_is_missing_is_named(string service, string problem)
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allow());
        await using var place = await WebhookNamespace.CreateAsync(server, $"hooks-{service}");
        await server.CreateAsync($"{place.Path}/services", """{"metadata":{"name":"lonely"},"spec":{"ports":[{"port":443}]}}""");
        await place.ValidateAsync($"{service}.hooks.test", Client(hook, $"hooks-{service}", service, 443));
        var refused = await place.CreateMapAsync("one");
        Assert.Equal(
            $"Internal error occurred: failed calling webhook \"{service}.hooks.test\": failed to call webhook: Post \"https://{service}.hooks-{service}.svc/review?timeout=10s\": {problem}",
            refused.Message);
    }

    private static string Client(WebhookServer hook, string @namespace, string name, int port) => $$$"""
        {"service":{"namespace":"{{{@namespace}}}","name":"{{{name}}}","port":{{{port}}},"path":"/review"},"caBundle":"{{{hook.Authorities}}}"}
        """;
}
