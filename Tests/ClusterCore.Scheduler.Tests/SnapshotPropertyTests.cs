using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Selectors;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests;

/// <summary>The snapshot that events kept up to date is the one that a fresh look at the cluster would give.</summary>
public sealed class SnapshotPropertyTests
{
    private const int Events = 400;

    private readonly Dictionary<string, Node> nodes = [];
    private readonly Dictionary<string, Pod> pods = [];
    private readonly Stage kept = new();
    private readonly PodSelector[] selectors =
    [
        PodSelector.OfLabels(A.WebLabels),
        new([new("app", SelectorOperator.In, ["web", "db"]), new("name", SelectorOperator.In, ["pod-7"])]),
        new([new("app", SelectorOperator.NotIn, ["web"])]),
    ];

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void After_any_events_the_snapshot_equals_one_built_anew(int seed)
    {
        var random = new Random(seed);
        // Counted from the start, so that every event has to keep the counts.
        Describe(kept);
        for (var step = 0; step < Events; step++)
        {
            Happen(random);
            if (step % 20 == 0) { Assert.Equal(Describe(Rebuilt()), Describe(kept)); }
        }
        Assert.Equal(Describe(Rebuilt()), Describe(kept));
    }

    private void Happen(Random random)
    {
        var (node, pod) = ($"node-{random.Next(8)}", $"pod-{random.Next(40)}");
        switch (random.Next(7))
        {
            case 0:
                nodes[node] = A.Node(node, cpu: $"{random.Next(1, 9)}", labels: A.Labels(WellKnownLabels.Hostname, node, WellKnownLabels.Zone, $"zone-{random.Next(3)}"));
                kept.With(nodes[node]);
                break;
            case 1:
                nodes.Remove(node);
                kept.State.RemoveNode(node);
                kept.State.Refresh();
                break;
            case 2:
                pods.Remove(pod);
                kept.State.RemovePod($"uid-default-{pod}");
                break;
            case 3 when nodes.Count > 0 && !pods.ContainsKey(pod):
                // Assumed first, then seen bound: elsewhere, now and then.
                var (assumed, seen) = (nodes.Keys.ElementAt(random.Next(nodes.Count)), nodes.Keys.ElementAt(random.Next(nodes.Count)));
                kept.State.Assume(PodInfo.From(NewPod(pod, null, random)), kept.State.Snapshot.Find(assumed)!);
                Place(NewPod(pod, seen, random));
                break;
            default:
                Place(NewPod(pod, node, random));
                break;
        }
    }

    private void Place(Pod pod)
    {
        pods[pod.Metadata.Name] = pod;
        kept.With(pod);
    }

    private static Pod NewPod(string name, string? node, Random random)
    {
        var pod = A.Pod(name, node, cpu: $"{random.Next(1, 20)}00m", labels: random.Next(3) switch
        {
            0 => A.WebLabels,
            1 => A.Labels("app", "db"),
            _ => A.Labels("app", "db", "name", name),
        });
        pod.Metadata.DeletionTimestamp = random.Next(10) == 0 ? A.Noon : null;
        if (random.Next(2) == 0)
        {
            pod.Spec.Affinity = new()
            {
                PodAntiAffinity = new()
                {
                    RequiredDuringSchedulingIgnoredDuringExecution = [new() { TopologyKey = WellKnownLabels.Zone, LabelSelector = A.Selector(A.WebLabels) }],
                },
            };
        }
        return pod;
    }

    // What is kept is what a look at every pod gives.
    private static int Counted(PodSelection selection, PodSelector selector, NodeInfo node)
    {
        Assert.Equal(node.Pods.Count(pod => !pod.Terminating && selector.Matches(pod.Labels)), selection.On(node.Name));
        return selection.On(node.Name);
    }

    private Stage Rebuilt() => new Stage().With([.. nodes.Values]).With([.. pods.Values]);

    private string Describe(Stage stage)
    {
        var snapshot = stage.State.Snapshot;
        var selections = Array.ConvertAll(selectors, selector => snapshot.Selections.OfSpread("default", selector));
        var lines = snapshot.Nodes.OrderBy(node => node.Name, StringComparer.Ordinal).Select(node =>
            $"{node.Name} {string.Join(',', node.Labels)} {node.Allocatable.MilliCpu} requests {node.Requested.MilliCpu}/{node.Requested.Memory} scores {node.ScoredRequested.MilliCpu}"
            + $" pods {string.Join(',', node.Pods.Select(pod => pod.Name).Order(StringComparer.Ordinal))} selected {string.Join('/', selections.Select((selection, index) => Counted(selection, selectors[index], node)))}");
        var terms = snapshot.Terms.All.SelectMany(term => term.Owners.Select(owner => $"{term.Kind} {term.Term.TopologyKey} {owner.Key} {owner.Value}")).Order(StringComparer.Ordinal);
        var zones = snapshot.Nodes.Select(node => node.Labels[WellKnownLabels.Zone]).Take(3).Distinct().Count();
        return string.Join('\n', [.. lines, .. terms, $"{stage.State.PodCount} pods, {zones} zones first"]);
    }
}
