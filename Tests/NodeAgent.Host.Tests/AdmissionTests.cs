using System.Text.Json.Nodes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Host.Tests;

/// <summary>What kubectl shows of pods that somebody bound to a node past the scheduler.</summary>
public sealed class AdmissionTests(Cluster cluster)
{
    [Fact]
    public async Task A_node_turns_away_who_does_not_belong_there_and_makes_room_for_critical_pods()
    {
        await using var node = await cluster.JoinAsync("narrow", "--max-pods", "1", "--node-labels", "disk=fast");
        await cluster.ApplyAsync(Pod("astray", spec => spec["nodeSelector"] = new JsonObject { ["disk"] = "none" }));
        await EndsAsync("astray", "Failed", "NodeAffinity", "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector");

        await cluster.ApplyAsync(Pod("ordinary", spec => spec["nodeSelector"] = new JsonObject { ["disk"] = "fast" }));
        await cluster.OkAsync("wait", "--for=condition=Ready", "pod/ordinary", "--timeout=180s");
        await cluster.ApplyAsync(Pod("one-too-many", _ => { }));
        await EndsAsync("one-too-many", "Failed", "OutOfpods", "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 1, capacity: 1");

        await cluster.ApplyAsync(Pod("critical", spec => spec["priorityClassName"] = "system-cluster-critical"));
        await cluster.OkAsync("wait", "--for=condition=Ready", "pod/critical", "--timeout=180s");
        await EndsAsync("ordinary", "Failed", "Preempting", "Preempted in order to admit critical pod");
        Assert.Equal("TerminationByKubelet", await cluster.OkAsync("get", "pod", "ordinary", "-o", "jsonpath={.status.conditions[?(@.type=='DisruptionTarget')].reason}"));
        Assert.Contains("Preempted in order to admit critical pod", await cluster.OkAsync("describe", "pod", "ordinary"), StringComparison.Ordinal);
        await cluster.OkAsync("delete", "pod", "astray", "ordinary", "one-too-many", "critical", "--now");
        await cluster.OkAsync("delete", "node", node.Name);

        JsonObject Pod(string name, Action<JsonObject> change)
        {
            var manifest = Cluster.PodManifest(name, node.Name, "exec sleep 1000");
            change(manifest["spec"]!.AsObject());
            return manifest;
        }
    }

    private Task EndsAsync(string pod, string phase, string reason, string message) => Eventually.TrueAsync(
        async () => (await cluster.KubectlAsync("get", "pod", pod, "-o", "jsonpath={.status.phase}|{.status.reason}|{.status.message}")).Output == $"{phase}|{reason}|{message}",
        $"{pod} is {phase} for {reason}",
        TimeSpan.FromSeconds(60));
}
