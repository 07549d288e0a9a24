using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tests.Reviews;

/// <summary>Subject, self and local access reviews, and the list of rules.</summary>
[Collection(ServerCollection.Name)]
public sealed class AccessReviewTests(RunningServer server)
{
    private const string Authorization = "/apis/authorization.k8s.io/v1";
    private const string Others = $"{Authorization}/subjectaccessreviews";
    private const string Self = $"{Authorization}/selfsubjectaccessreviews";
    private const string Local = $"{Authorization}/namespaces/default/localsubjectaccessreviews";
    private const string Rules = $"{Authorization}/selfsubjectrulesreviews";
    private const string GetPods = """ "resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"} """;

    [Theory]
    [InlineData("alice", "[]", "false"), InlineData("kubernetes-admin", """["system:masters"]""", "true")]
    public async Task Others_access_is_told(string user, string groups, string allowed)
    {
        var review = await server.CreateAsync(Others, $$$$"""{"spec":{"user":"{{{{user}}}}","groups":{{{{groups}}}},{{{{GetPods}}}}}}""");
        Assert.Equal((201, allowed, user), (review.Code, review["status.allowed"], review["spec.user"]));
    }

    [Fact]
    public async Task Who_may_is_told_why()
    {
        var review = await server.CreateAsync(Others, """{"spec":{"user":"system:kube-scheduler","resourceAttributes":{"verb":"create","resource":"pods","subresource":"binding","namespace":"default"}}}""");
        Assert.Equal(
            ("true", """RBAC: allowed by ClusterRoleBinding "system:kube-scheduler" of ClusterRole "system:kube-scheduler" to User "system:kube-scheduler" """.TrimEnd()),
            (review["status.allowed"], review["status.reason"]));
    }

    [Theory]
    [InlineData("In", """["worker"]""", "true"), InlineData("NotIn", """["worker"]""", "false"), InlineData("In", """["worker","other"]""", "false")]
    public async Task A_node_may_list_the_pods_that_a_selector_limits_to_its_own(string @operator, string values, string allowed)
    {
        var review = await server.CreateAsync(Others, """
            {"spec":{"user":"system:node:worker","groups":["system:nodes"],"resourceAttributes":{"verb":"list","resource":"pods",
             "fieldSelector":{"requirements":[{"key":"spec.nodeName","operator":"OPERATOR","values":VALUES}]}}}}
            """.Replace("OPERATOR", @operator, StringComparison.Ordinal).Replace("VALUES", values, StringComparison.Ordinal));
        Assert.Equal((201, allowed), (review.Code, review["status.allowed"]));
    }

    [Theory]
    [InlineData("/version", "true"), InlineData("/metrics", "false")]
    public async Task Access_to_paths_is_told(string path, string allowed)
    {
        using var eve = server.As("eve");
        var review = await RunningServer.SendAsync(eve, HttpMethod.Post, Self, $$$$"""{"spec":{"nonResourceAttributes":{"verb":"get","path":"{{{{path}}}}"}}}""", "application/json");
        Assert.Equal((201, allowed), (review.Code, review["status.allowed"]));
    }

    [Fact]
    public async Task A_local_review_is_about_its_namespace()
    {
        var review = await server.CreateAsync(Local, $$$$"""{"spec":{"user":"alice",{{{{GetPods}}}}}}""");
        Assert.Equal((201, "false", "default"), (review.Code, review["status.allowed"], review["metadata.namespace"]));
        var misplaced = await server.CreateAsync(Local, $$$$"""{"metadata":{"namespace":"kube-system"},"spec":{"user":"alice",{{{{GetPods}}}}}}""");
        Assert.Equal((400, "the namespace of the provided object does not match the namespace sent on the request"), (misplaced.Code, misplaced.Message));
    }

    [Theory]
    [InlineData(Others, """{"spec":{"user":"a"}}""", "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified")]
    [InlineData(Self, "{}", "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified")]
    [InlineData(Self, """{"spec":{"resourceAttributes":{},"nonResourceAttributes":{"path":"/x"}}}""", """spec.nonResourceAttributes: Invalid value: {"path":"/x"}: cannot be specified in combination with resourceAttributes""")]
    [InlineData(Others, """{"spec":{"resourceAttributes":{}}}""", """spec.user: Invalid value: "": at least one of user or group must be specified""")]
    [InlineData(Self, """{"metadata":{"name":"x"},"spec":{"resourceAttributes":{}}}""", "must be empty")]
    [InlineData(Local, """{"metadata":{"labels":{"a":"b"}},"spec":{"user":"a","resourceAttributes":{"namespace":"default"}}}""", "must be empty except for namespace")]
    [InlineData(Local, """{"spec":{"user":"a","resourceAttributes":{"namespace":"other"}}}""", """spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace""")]
    [InlineData(Local, """{"spec":{"user":"a","nonResourceAttributes":{"path":"/x"}}}""", """spec.nonResourceAttributes: Invalid value: {"path":"/x"}: disallowed on this kind of request""")]
    [InlineData(Self, """{"spec":{"resourceAttributes":{"labelSelector":{}}}}""", "spec.resourceAttributes.labelSelector.requirements: Required value: when spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is required")]
    [InlineData(Self, """{"spec":{"resourceAttributes":{"fieldSelector":{"rawSelector":"a=b","requirements":[{"key":"a","operator":"In","values":["b"]}]}}}}""", """spec.resourceAttributes.fieldSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements""")]
    public async Task A_question_without_sense_is_refused(string path, string body, string message)
    {
        var refused = await server.CreateAsync(path, body);
        Assert.Equal((422, "Invalid"), (refused.Code, refused.Reason));
        Assert.StartsWith(".authorization.k8s.io \"\" is invalid: ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_are_those_of_the_asker_in_a_namespace()
    {
        using var eve = server.As("eve");
        var rules = await RunningServer.SendAsync(eve, HttpMethod.Post, Rules, """{"spec":{"namespace":"default"}}""", "application/json");
        Assert.Equal((201, "false", "{}"), (rules.Code, rules["status.incomplete"], rules["spec"]));
        Assert.Contains("selfsubjectaccessreviews", rules["status.resourceRules"], StringComparison.Ordinal);
        Assert.Contains("/healthz", rules["status.nonResourceRules"], StringComparison.Ordinal);
        var refused = await server.CreateAsync(Rules, "{}");
        Assert.Equal((400, "no namespace on request"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task The_rules_of_a_node_are_not_all_there_is()
    {
        using var node = server.As("system:node:worker", "system:nodes");
        var rules = await RunningServer.SendAsync(node, HttpMethod.Post, Rules, """{"spec":{"namespace":"default"}}""", "application/json");
        Assert.Equal(("true", "node authorizer does not support user rule resolution"), (rules["status.incomplete"], rules["status.evaluationError"]));
    }

    /// <summary>As <c>kubectl auth can-i</c> asks, which does not try again in JSON.</summary>
    [Fact]
    public async Task A_question_in_protobuf_is_answered_in_protobuf()
    {
        const string protobuf = "application/vnd.kubernetes.protobuf";
        var question = JsonNode.Parse("""{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}""")!.AsObject();
        using var content = new ByteArrayContent(ProtobufCodec.Encode(question)!) { Headers = { ContentType = new(protobuf) } };
        using var request = new HttpRequestMessage(HttpMethod.Post, Self) { Content = content, Headers = { Accept = { new(protobuf) } } };
        using var response = await server.Admin.SendAsync(request);
        var answer = ProtobufCodec.Decode(await response.Content.ReadAsByteArrayAsync(), null).Object!;
        Assert.Equal((201, "SelfSubjectAccessReview", true), ((int)response.StatusCode, answer["kind"]!.ToString(), answer["status"]!["allowed"]!.GetValue<bool>()));
    }

    [Theory, InlineData(Others), InlineData(Self), InlineData(Rules)]
    public async Task Reviews_are_made_and_never_kept(string path)
    {
        var listed = await server.GetAsync(path);
        Assert.Equal((405, "MethodNotAllowed"), (listed.Code, listed.Reason));
    }
}
