using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests;

/// <summary>What scheduling one pod takes, counted in bytes allocated and labels looked at: unlike time, they are the same on every machine.</summary>
public sealed class CostTests
{
    private const int Nodes = 1000;
    private const int PodsOfOne = 100;

    [Fact]
    public void Scheduling_a_pod_costs_the_same_with_a_hundred_thousand_pods_placed()
    {
        var stage = Stage();
        var pod = PodInfo.From(A.Pod("next"));
        var empty = Cost(stage, pod);
        foreach (var index in Enumerable.Range(0, 100 * Nodes)) { stage.State.SetPod(PodInfo.From(A.Pod($"pod-{index}", $"node-{index % Nodes}", cpu: "10m"))); }
        Assert.InRange(Cost(stage, pod), 0, empty + (empty / 10));
    }

    [Theory, InlineData(Kind.Spread), InlineData(Kind.SoftSpread), InlineData(Kind.Affinity), InlineData(Kind.AntiAffinity), InlineData(Kind.PreferredAffinity)]
    public void Nor_do_the_pods_of_other_deployments_cost_one_that_is_placed_by_where_its_own_are(Kind kind)
    {
        var (stage, labels) = (Stage(), new LabelReads());
        Place(stage, 0, 10, kind, labels);
        // The first of its deployment since the scheduler started: nothing is counted yet.
        var few = Reads(stage, Replica("app-5", kind), labels);
        Place(stage, 10, 1000, kind, labels);
        var many = Reads(stage, Replica("app-7", kind), labels);
        Assert.InRange(few, 1, PodsOfOne);
        Assert.Equal(few, many);
    }

    [Fact]
    public void Terms_of_other_deployments_are_not_looked_at()
    {
        var (stage, labels) = (Stage(), new LabelReads());
        Place(stage, 0, 10, Kind.AntiAffinity, labels);
        var few = TermsFor(stage, "app-5");
        Place(stage, 10, 1000, Kind.AntiAffinity, labels);
        Assert.Equal((few, 1), (TermsFor(stage, "app-5"), few));
    }

    private static Stage Stage() =>
        new Stage().With([.. Enumerable.Range(0, Nodes).Select(index => A.Node($"node-{index}", cpu: "64", memory: "256Gi", pods: "300"))]);

    private static int TermsFor(Stage stage, string app) => stage.State.Snapshot.Terms.Concerning(PodInfo.From(A.Pod("next", labels: A.Labels("app", app)))).Count();

    // Deployments of a hundred pods, each with selectors of its own; no two pods have the same labels.
    private static void Place(Stage stage, int from, int to, Kind kind, LabelReads reads)
    {
        for (var app = from; app < to; app++)
        {
            var template = Replica($"app-{app}", kind);
            for (var replica = 0; replica < PodsOfOne; replica++)
            {
                stage.State.SetPod(new()
                {
                    Uid = $"{app}-{replica}",
                    Namespace = "default",
                    Name = $"app-{app}-{replica}",
                    NodeName = $"node-{((app * PodsOfOne) + replica) % (Nodes / 2)}",
                    Labels = new CountedLabels(new(StringComparer.Ordinal) { ["app"] = $"app-{app}", ["name"] = $"app-{app}-{replica}" }, reads),
                    Requests = template.Requests,
                    ScoredRequests = template.ScoredRequests,
                    RequiredAntiAffinity = template.RequiredAntiAffinity,
                });
            }
        }
    }

    private static PodInfo Replica(string app, Kind kind)
    {
        var selector = A.Selector(A.Labels("app", app));
        var pod = A.Pod("next", labels: A.Labels("app", app), cpu: "10m");
        var term = new PodAffinityTerm { TopologyKey = "kubernetes.io/hostname", LabelSelector = selector };
        pod.Spec.TopologySpreadConstraints = kind is Kind.Spread or Kind.SoftSpread
            ? [new() { MaxSkew = 5, TopologyKey = "kubernetes.io/hostname", WhenUnsatisfiable = kind == Kind.Spread ? "DoNotSchedule" : "ScheduleAnyway", LabelSelector = selector }]
            : null;
        pod.Spec.Affinity = new()
        {
            PodAffinity = kind == Kind.Affinity ? new() { RequiredDuringSchedulingIgnoredDuringExecution = [term] }
                : kind == Kind.PreferredAffinity ? new() { PreferredDuringSchedulingIgnoredDuringExecution = [new() { Weight = 1, PodAffinityTerm = term }] }
                : null,
            PodAntiAffinity = kind == Kind.AntiAffinity ? new() { RequiredDuringSchedulingIgnoredDuringExecution = [term] } : null,
        };
        return PodInfo.From(pod);
    }

    private static long Reads(Stage stage, PodInfo pod, LabelReads labels)
    {
        labels.Count = 0;
        Schedule(stage, pod);
        return labels.Count;
    }

    private static long Cost(Stage stage, PodInfo pod)
    {
        // The first cycle makes what later ones use again.
        Schedule(stage, pod);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Schedule(stage, pod);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Schedule(Stage stage, PodInfo pod)
    {
        stage.State.Refresh();
        Assert.NotNull(stage.Algorithm.Schedule(new CycleState(), pod, stage.State.Snapshot).Node);
    }

    public enum Kind
    {
        Spread,
        SoftSpread,
        Affinity,
        AntiAffinity,
        PreferredAffinity,
    }

    private sealed class LabelReads
    {
        public long Count { get; set; }
    }

    /// <summary>Labels of a placed pod that count how often somebody looks at them.</summary>
    private sealed class CountedLabels(Dictionary<string, string> labels, LabelReads reads) : IReadOnlyDictionary<string, string>
    {
        public string this[string key] => Counted()[key];

        public IEnumerable<string> Keys => Counted().Keys;

        public IEnumerable<string> Values => Counted().Values;

        public int Count => labels.Count;

        public bool ContainsKey(string key) => Counted().ContainsKey(key);

        public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => Counted().TryGetValue(key, out value);

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => Counted().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private Dictionary<string, string> Counted()
        {
            reads.Count++;
            return labels;
        }
    }
}
