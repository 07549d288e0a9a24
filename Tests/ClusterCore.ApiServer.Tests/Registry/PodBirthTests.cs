using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tests.Registry;

/// <summary>What the server adds to a new pod for those who read it later.</summary>
[Collection(ServerCollection.Name)]
public sealed class PodBirthTests(RunningServer server)
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    [Fact]
    public async Task Label_keys_become_part_of_the_selectors_beside_them()
    {
        var made = await server.CreateAsync(Pods, """
            {"metadata":{"name":"keyed","labels":{"app":"web","pod-template-hash":"abc"}},"spec":{"containers":[{"name":"c","image":"i"}],
             "affinity":{
              "podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"web"}},"matchLabelKeys":["pod-template-hash","absent"]}]},
              "podAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{"topologyKey":"zone","labelSelector":{"matchLabels":{"app":"web"}},"mismatchLabelKeys":["pod-template-hash"]}}]}},
             "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"web"}},"matchLabelKeys":["pod-template-hash"]}]}}
            """);
        Assert.Equal(201, made.Code);
        var spec = made.Json["spec"]!;
        const string @in = """[{"key":"pod-template-hash","operator":"In","values":["abc"]}]""";
        Assert.Equal(@in, Requirements(spec["affinity"]!["podAntiAffinity"]!["requiredDuringSchedulingIgnoredDuringExecution"]![0]!));
        Assert.Equal(@in, Requirements(spec["topologySpreadConstraints"]![0]!));
        Assert.Equal(
            @in.Replace("In", "NotIn", StringComparison.Ordinal),
            Requirements(spec["affinity"]!["podAffinity"]!["preferredDuringSchedulingIgnoredDuringExecution"]![0]!["podAffinityTerm"]!));
    }

    [Fact]
    public async Task A_label_that_a_new_pod_is_told_by_already_is_no_label_key_as_well()
    {
        var refused = await server.CreateAsync(Pods, """
            {"metadata":{"name":"keyed-twice","labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i"}],"topologySpreadConstraints":[
             {"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"web"}},"matchLabelKeys":["app"]}]}}
            """);
        Assert.Equal(
            (422, "Pod \"keyed-twice\" is invalid: spec.topologySpreadConstraints[0][0]: Invalid value: \"app\": exists in both matchLabelKeys and labelSelector"),
            (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_gated_pod_says_that_it_waits_for_its_gates()
    {
        var made = await server.CreateAsync(Pods, """{"metadata":{"name":"gated"},"spec":{"schedulingGates":[{"name":"example.com/quota"}],"containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal(
            ("PodScheduled", "False", "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates"),
            (made["status.conditions.0.type"], made["status.conditions.0.status"], made["status.conditions.0.reason"], made["status.conditions.0.message"]));
    }

    private static string Requirements(JsonNode term) => term["labelSelector"]!["matchExpressions"]!.ToJsonString();
}
