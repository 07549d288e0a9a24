using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Pods;

public sealed class PodTemplatesTests
{
    [Fact]
    public void The_order_of_fields_changes_neither_hash_nor_equality()
    {
        var one = RawJson.From(JsonNode.Parse("""{"spec":{"a":1,"b":[1,2]},"metadata":{"labels":{"x":"y"}}}""")!);
        var two = RawJson.From(JsonNode.Parse("""{"metadata":{"labels":{"x":"y","pod-template-hash":"h"}},"spec":{"b":[1,2],"a":1}}""")!);
        Assert.True(PodTemplates.Same(one, two));
        Assert.Equal(
            PodTemplates.Hash(JsonNode.Parse("""{"a":1,"b":2}""")), PodTemplates.Hash(JsonNode.Parse("""{"b":2,"a":1}""")));
        Assert.NotEqual(PodTemplates.Hash(one.ToNode()), PodTemplates.Hash(one.ToNode(), collisionCount: 1));
    }

    [Fact]
    public void A_pod_is_its_template_with_an_owner_and_a_generated_name()
    {
        var pod = PodTemplates.Pod(A.Template(), A.ReplicaSet(1));
        Assert.Equal("web-", (string?)pod["metadata"]!["generateName"]);
        Assert.Equal("uid-default-web", (string?)pod["metadata"]!["ownerReferences"]![0]!["uid"]);
        Assert.Equal("nginx:1.27", (string?)pod["spec"]!["containers"]![0]!["image"]);
    }

    [Fact]
    public void What_was_done_and_not_seen_yet_is_waited_for()
    {
        var clock = new ManualClock();
        var expectations = new Expectations(clock);
        var key = new NamespacedName("default", "web");
        expectations.ExpectCreations(key, 2);
        expectations.CreationSeen(key);
        Assert.False(expectations.Satisfied(key));
        expectations.CreationSeen(key);
        Assert.True(expectations.Satisfied(key));
        expectations.ExpectDeletion(key, "uid");
        Assert.False(expectations.Satisfied(key));
        clock.Advance(TimeSpan.FromMinutes(6));
        Assert.True(expectations.Satisfied(key));
    }

    [Fact]
    public void The_oldest_finished_pods_beyond_the_limit_are_garbage()
    {
        var pods = Enumerable.Range(0, 5).Select(i => A.Pod($"p{i}", phase: i == 4 ? "Running" : "Succeeded")).ToArray();
        for (var i = 0; i < pods.Length; i++)
        {
            pods[i].Metadata.CreationTimestamp = A.Noon.AddMinutes(i);
        }
        Assert.Equal(["p0", "p1"], PodGarbagePlan.Surplus(pods, 2).Pods.Select(pod => pod.Metadata.Name));
        Assert.Empty(PodGarbagePlan.Surplus(pods, 4).Pods);
    }
}
