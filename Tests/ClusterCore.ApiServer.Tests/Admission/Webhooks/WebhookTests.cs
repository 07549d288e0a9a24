using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tests.Admission.Webhooks;

[Collection(ServerCollection.Name)]
public sealed class WebhookTests(RunningServer server)
{
    private const string AddB = """[{"op":"add","path":"/data/b","value":"2"}]""";

    [Fact]
    public async Task A_mutating_webhook_changes_what_is_stored_and_its_warnings_reach_the_client()
    {
        await using var hook = await WebhookServer.StartAsync(_ =>
        {
            var response = WebhookServer.Patch(AddB);
            response["warnings"] = new JsonArray("b was missing");
            return response;
        });
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-mutate");
        await place.MutateAsync("add-b.hooks.test", hook.ClientConfig);
        var made = await place.CreateMapAsync("one");
        Assert.Equal((201, "2"), (made.Code, made["data.b"]));
        Assert.Equal("2", (await server.GetAsync($"{place.Maps}/one"))["data.b"]);
        Assert.Contains(made.Warnings, warning => warning.Contains("b was missing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_review_tells_what_is_asked_by_whom()
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allow());
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-review");
        await place.ValidateAsync("look.hooks.test", hook.ClientConfig);
        await place.CreateMapAsync("one", "?fieldManager=tester");
        await server.PatchAsync($"{place.Maps}/one", """{"data":{"a":"2"}}""");
        await server.DeleteAsync($"{place.Maps}/one", """{"propagationPolicy":"Orphan","kind":"DeleteOptions","apiVersion":"v1"}""");
        Assert.Equal(["CREATE", "UPDATE", "DELETE"], hook.Requests.Select(request => request["operation"]!.ToString()));
        var (create, update, delete) = (hook.Requests.ElementAt(0), hook.Requests.ElementAt(1), hook.Requests.ElementAt(2));
        Assert.Equal("""{"group":"","version":"v1","kind":"ConfigMap"}""", create["kind"]!.ToJsonString());
        Assert.Equal("""{"group":"","version":"v1","resource":"configmaps"}""", create["resource"]!.ToJsonString());
        Assert.Equal(("one", "hooks-review", "kubernetes-admin"), (create["name"]!.ToString(), create["namespace"]!.ToString(), create["userInfo"]!["username"]!.ToString()));
        Assert.Equal("""{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1","fieldManager":"tester"}""", create["options"]!.ToJsonString());
        Assert.Null(create["oldObject"]);
        Assert.Equal(("1", "2"), (update["oldObject"]!["data"]!["a"]!.ToString(), update["object"]!["data"]!["a"]!.ToString()));
        Assert.Null(delete["object"]);
        Assert.Equal("Orphan", delete["options"]!["propagationPolicy"]!.ToString());
    }

    [Fact]
    public async Task A_name_is_generated_after_mutation_and_again_when_somebody_else_took_it()
    {
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-names");
        await using var mutating = await WebhookServer.StartAsync(_ => WebhookServer.Allow());
        var taken = new List<string>();
        await using var validating = await WebhookServer.StartAsync(request =>
        {
            var name = request["name"]!.ToString();
            if (taken.Count < 2 && !taken.Contains(name))
            {
                taken.Add(name);
                server.CreateAsync(place.Maps, $$"""{"metadata":{"name":"{{name}}"} }""").GetAwaiter().GetResult();
            }

            return WebhookServer.Allow();
        });
        await place.MutateAsync("look.hooks.test", mutating.ClientConfig);
        await place.ValidateAsync("take.hooks.test", validating.ClientConfig);
        var made = await server.CreateAsync(place.Maps, """{"metadata":{"generateName":"map-"}}""");
        Assert.Equal(201, made.Code);
        Assert.StartsWith("map-", made["metadata.name"], StringComparison.Ordinal);
        Assert.DoesNotContain(made["metadata.name"], taken);
        Assert.Null(mutating.Requests.First()["name"]);
    }

    [Theory]
    [InlineData("""{"message":"not today","code":403,"reason":"Forbidden"}""", 403, "Forbidden", "admission webhook \"no.hooks.test\" denied the request: not today")]
    [InlineData("""{"reason":"Because"}""", 400, "Because", "admission webhook \"no.hooks.test\" denied the request: Because")]
    [InlineData("null", 400, "", "admission webhook \"no.hooks.test\" denied the request without explanation")]
    [InlineData("""{"message":"odd","code":200,"status":"Success"}""", 400, "", "admission webhook \"no.hooks.test\" denied the request: odd")]
    public async Task A_denial_is_passed_on(string status, int code, string reason, string message)
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Deny(status));
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-deny");
        await place.ValidateAsync("no.hooks.test", hook.ClientConfig);
        var refused = await place.CreateMapAsync("one");
        Assert.Equal((code, reason, message), (refused.Code, refused.Reason, refused.Message));
        Assert.Equal(404, (await server.GetAsync($"{place.Maps}/one")).Code);
    }

    [Theory]
    [InlineData("""{"allowed":true,"uid":"other"}""", "received invalid webhook response: expected response.uid=")]
    [InlineData("""{"allowed":true,"patch":"W10="}""", "received invalid webhook response: webhook returned response.patch but not response.patchType")]
    [InlineData("""{"allowed":true,"patch":"W10=","patchType":"Merge"}""", "received invalid webhook response: webhook returned invalid response.patchType of \"Merge\"")]
    public async Task An_answer_that_cannot_be_understood_fails_closed(string response, string reason)
    {
        await using var hook = await WebhookServer.StartAsync(_ => JsonNode.Parse(response)!.AsObject());
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-odd");
        await place.MutateAsync("odd.hooks.test", hook.ClientConfig);
        var refused = await place.CreateMapAsync("one");
        Assert.Equal((500, "InternalError"), (refused.Code, refused.Reason));
        Assert.StartsWith($"Internal error occurred: failed calling webhook \"odd.hooks.test\": {reason}", refused.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("Fail", 500), InlineData("Ignore", 201)]
    public async Task The_failure_policy_decides_when_nobody_answers(string policy, int code)
    {
        await using var place = await WebhookNamespace.CreateAsync(server, $"hooks-down-{code}");
        await place.ValidateAsync($"down{code}.hooks.test", """{"url":"https://127.0.0.1:1/review"}""", $"\"failurePolicy\":\"{policy}\"");
        var reply = await place.CreateMapAsync("one");
        Assert.Equal(code, reply.Code);
        if (code == 500)
        {
            Assert.StartsWith(
                "Internal error occurred: failed calling webhook \"down500.hooks.test\": failed to call webhook: Post \"https://127.0.0.1:1/review?timeout=10s\": dial tcp 127.0.0.1:1: ",
                reply.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_webhook_that_is_too_slow_has_failed()
    {
        await using var hook = await WebhookServer.StartAsync(_ => null);
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-slow");
        await place.ValidateAsync("slow.hooks.test", hook.ClientConfig, "\"timeoutSeconds\":1");
        var refused = await place.CreateMapAsync("one");
        Assert.Equal(500, refused.Code);
        Assert.EndsWith("?timeout=1s\": context deadline exceeded", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_not_trusted()
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allow());
        await using var other = await WebhookServer.StartAsync(_ => WebhookServer.Allow());
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-tls");
        await place.ValidateAsync("tls.hooks.test", $$"""{"url":"{{hook.Url}}","caBundle":"{{other.Authorities}}"}""");
        var refused = await place.CreateMapAsync("one");
        Assert.Equal(500, refused.Code);
        Assert.Contains("x509: ", refused.Message, StringComparison.Ordinal);
        Assert.Empty(hook.Requests);
    }

    [Fact]
    public async Task A_dry_run_is_refused_by_a_webhook_with_side_effects()
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allow());
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-dry");
        await place.ValidateAsync("dry.hooks.test", hook.ClientConfig);
        Assert.Equal(201, (await place.CreateMapAsync("one", "?dryRun=All")).Code);
        Assert.True(hook.Requests.Single()["dryRun"]!.GetValue<bool>());
        var invalid = await server.CreateAsync("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            $$"""{"metadata":{"name":"some.hooks.test"},"webhooks":[{"name":"some.hooks.test","clientConfig":{{hook.ClientConfig}},"sideEffects":"Some","admissionReviewVersions":["v1"]}]}""");
        Assert.Equal(422, invalid.Code);
    }

    [Fact]
    public async Task Earlier_webhooks_are_asked_again_when_a_later_one_changes_the_object()
    {
        await using var first = await WebhookServer.StartAsync(request =>
            request["object"]!["data"]!["b"] is null ? WebhookServer.Allow() : WebhookServer.Patch("""[{"op":"add","path":"/data/seen","value":"yes"}]"""));
        await using var second = await WebhookServer.StartAsync(_ => WebhookServer.Patch(AddB));
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-again");
        await place.MutateAsync("a-first.hooks.test", first.ClientConfig, "\"reinvocationPolicy\":\"IfNeeded\"");
        await place.MutateAsync("b-second.hooks.test", second.ClientConfig);
        var made = await place.CreateMapAsync("one");
        Assert.Equal(("2", "yes"), (made["data.b"], made["data.seen"]));
        Assert.Equal((2, 1), (first.Requests.Count, second.Requests.Count));
    }

    [Theory]
    [InlineData("\"objectSelector\":{\"matchLabels\":{\"watched\":\"yes\"}}", "", 0)]
    [InlineData("\"objectSelector\":{\"matchLabels\":{\"watched\":\"yes\"}}", ",\"labels\":{\"watched\":\"yes\"}", 1)]
    [InlineData("\"namespaceSelector\":{\"matchLabels\":{\"kubernetes.io/metadata.name\":\"elsewhere\"}}", "", 0)]
    [InlineData("\"rules\":[{\"operations\":[\"UPDATE\"],\"apiGroups\":[\"*\"],\"apiVersions\":[\"*\"],\"resources\":[\"configmaps\"]}]", "", 0)]
    [InlineData("\"rules\":[{\"operations\":[\"CREATE\"],\"apiGroups\":[\"\"],\"apiVersions\":[\"v1\"],\"resources\":[\"configmaps/status\"]}]", "", 0)]
    [InlineData("\"rules\":[{\"operations\":[\"CREATE\"],\"apiGroups\":[\"\"],\"apiVersions\":[\"v1\"],\"resources\":[\"*/*\"]}]", "", 1)]
    [InlineData("\"rules\":[{\"operations\":[\"CREATE\"],\"apiGroups\":[\"\"],\"apiVersions\":[\"v1\"],\"resources\":[\"*\"],\"scope\":\"Cluster\"}]", "", 0)]
    public async Task Rules_and_selectors_say_what_a_webhook_sees(string more, string labels, int calls)
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allow());
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-match");
        await place.ValidateAsync("match.hooks.test", hook.ClientConfig, more);
        Assert.Equal(201, (await place.CreateMapAsync($"m{Guid.NewGuid():N}", metadata: labels)).Code);
        Assert.Equal(calls, hook.Requests.Count);
    }

    [Theory, InlineData("Equivalent", 1), InlineData("Exact", 0)]
    public async Task A_webhook_sees_the_version_it_asked_for(string policy, int calls)
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allow());
        await using var place = await WebhookNamespace.CreateAsync(server, $"hooks-hpa-{calls}");
        await place.ValidateAsync($"hpa{calls}.hooks.test", hook.ClientConfig, $$"""
            "matchPolicy":"{{policy}}","rules":[{"operations":["CREATE"],"apiGroups":["autoscaling"],"apiVersions":["v1"],"resources":["horizontalpodautoscalers"]}]
            """);
        var made = await server.CreateAsync($"/apis/autoscaling/v2/namespaces/hooks-hpa-{calls}/horizontalpodautoscalers", """
            {"metadata":{"name":"one"},"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"},
             "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}}]}}
            """);
        Assert.Equal((201, calls), (made.Code, hook.Requests.Count));
        if (calls == 0) { return; }
        var seen = hook.Requests.Single();
        Assert.Equal(("v1", "v2"), (seen["kind"]!["version"]!.ToString(), seen["requestKind"]!["version"]!.ToString()));
        Assert.Equal(70, seen["object"]!["spec"]!["targetCPUUtilizationPercentage"]!.GetValue<int>());
    }

    [Fact]
    public async Task Subresources_are_seen_as_what_they_are()
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Allow());
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-sub");
        await place.ValidateAsync("sub.hooks.test", hook.ClientConfig, """
            "rules":[{"operations":["*"],"apiGroups":["*"],"apiVersions":["*"],"resources":["deployments/scale","pods/binding","pods/eviction","pods/exec"]}]
            """);
        const string pod = """{"containers":[{"name":"c","image":"x"}]}""";
        const string deployments = "/apis/apps/v1/namespaces/hooks-sub/deployments";
        await server.CreateAsync(deployments, $$$"""{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{{{pod}}} } } }""");
        await server.CreateAsync($"{place.Path}/pods", $$"""{"metadata":{"name":"p"},"spec":{{pod}}}""");
        await server.PatchAsync($"{deployments}/d/scale", """{"spec":{"replicas":2}}""");
        await server.CreateAsync($"{place.Path}/pods/p/binding", """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"nowhere"}}""");
        await server.CreateAsync($"{place.Path}/pods/p/exec?command=ls&container=c&stdout=1", "");
        await server.CreateAsync($"{place.Path}/pods/p/eviction", """{"metadata":{"name":"p"}}""");
        Assert.Equal(
            ["UPDATE Scale scale d", "CREATE Binding binding p", "CONNECT PodExecOptions exec p", "CREATE Eviction eviction p"],
            hook.Requests.Select(request => $"{request["operation"]} {request["kind"]!["kind"]} {request["subResource"]} {request["name"]}"));
        Assert.Equal(2, hook.Requests.First()["object"]!["spec"]!["replicas"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_webhook_does_not_decide_over_webhooks()
    {
        await using var hook = await WebhookServer.StartAsync(_ => WebhookServer.Deny("""{"message":"never"}"""));
        await using var place = await WebhookNamespace.CreateAsync(server, "hooks-self");
        await place.ValidateAsync("self.hooks.test", hook.ClientConfig, """
            "rules":[{"operations":["*"],"apiGroups":["admissionregistration.k8s.io"],"apiVersions":["*"],"resources":["*"]}]
            """);
        await place.ValidateAsync("other.hooks.test", hook.ClientConfig);
        Assert.Empty(hook.Requests);
    }

    [Theory]
    [InlineData("\"matchConditions\":[{\"name\":\"a\",\"expression\":\"true\"}]", "webhooks[0].matchConditions: Forbidden")]
    [InlineData("\"clientConfig\":{\"url\":\"http://example.com\"}", "'https' is the only allowed URL scheme")]
    [InlineData("\"clientConfig\":{\"service\":{\"name\":\"a\"}}", "webhooks[0].clientConfig.service.namespace: Required value: service namespace is required")]
    public async Task Configurations_that_cannot_work_are_refused(string member, string message)
    {
        var client = member.Contains("clientConfig", StringComparison.Ordinal) ? "" : "\"clientConfig\":{\"url\":\"https://example.com\"},";
        var refused = await server.CreateAsync("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
            $$"""{"metadata":{"name":"bad"},"webhooks":[{"name":"bad.hooks.test",{{client}}{{member}},"sideEffects":"None","admissionReviewVersions":["v1"]}]}""");
        Assert.Equal(422, refused.Code);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }
}
