using System.Collections.Concurrent;
using System.Diagnostics;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Pods;
using static Flotilla.NodeAgent.Kubelet.Server.Stats.MetricText;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <summary>What the kubelet counts of its own work: <c>/metrics</c> and <c>/metrics/probes</c>.</summary>
internal sealed class KubeletMetrics
{
    private readonly ConcurrentDictionary<(string Name, string Labels), long> counters = new();

    private static readonly (string Name, string Help)[] Counters =
    [
        ("kubelet_started_containers_total", "Containers started"),
        ("kubelet_started_containers_errors_total", "Containers that could not be started"),
        ("kubelet_started_pods_total", "Sandboxes made"),
        ("kubelet_started_pods_errors_total", "Sandboxes that could not be made"),
        ("kubelet_evictions", "Pods evicted, by the signal that made it necessary"),
        ("kubelet_preemptions", "Pods that made way for critical ones, by the resource that was short"),
        ("kubelet_image_garbage_collected_total", "Images removed to free disk space"),
    ];

    public void Count(string name, params ReadOnlySpan<(string Name, string Value)> labels) =>
        counters.AddOrUpdate((name, Labels(labels)), 1, static (_, count) => count + 1);

    /// <summary>Of probes, by container and kind.</summary>
    public Durations ProbeTimes { get; } = new();

    /// <summary>Of lists of all that the runtime has.</summary>
    public Durations ListTimes { get; } = new();

    /// <summary>Of the steps of pods' workers: from a look at a pod to the end of what it made necessary.</summary>
    public Durations StepTimes { get; } = new();

    /// <summary>The container is gone, and with it all that was counted of its probes: pods come and go, and a node stays.</summary>
    /// <param name="labels">How the labels of all its samples begin.</param>
    public void ForgetProbes(string labels)
    {
        ProbeTimes.Remove(labels);
        foreach (var key in counters.Keys.Where(key => key.Name == "prober_probe_total" && key.Labels.StartsWith(labels, StringComparison.Ordinal))) { counters.TryRemove(key, out _); }
    }

    public string Probes()
    {
        var text = new MetricText().Family("prober_probe_total", "counter", "Probes by container, kind and result", Of("prober_probe_total"));
        ProbeTimes.WriteTo(text, "prober_probe_duration_seconds", "How long probes took, in seconds");
        return text.ToString();
    }

    public string Kubelet(string nodeName, PodWorkers workers)
    {
        var pods = workers.All.ToList();
        var states = pods.SelectMany(worker => worker.Observed.Containers).CountBy(record => record.State);
        using var self = Process.GetCurrentProcess();
        var text = new MetricText()
            .Family("kubelet_node_name", "gauge", "The node's name", [(Labels(("node", nodeName)), 1, null)])
            .One("kubelet_running_pods", "gauge", "Pods with a running sandbox", pods.Count(worker => worker.Observed.Sandbox is { Ready: true }))
            .Family("kubelet_running_containers", "gauge", "Containers by their state", states.Select(pair => (Labels(("container_state", Word(pair.Key))), (double)pair.Value, (DateTimeOffset?)null)))
            .One("kubelet_desired_pods", "gauge", "Pods the API wants here", pods.Count);
        foreach (var (name, help) in Counters)
        {
            text.Family(name, "counter", help, Of(name));
        }

        ListTimes.WriteTo(text, "kubelet_pleg_relist_duration_seconds", "How long it took to list the runtime's pods, in seconds");
        StepTimes.WriteTo(text, "kubelet_pod_worker_duration_seconds", "How long it took to bring one pod where it should be, in seconds");
        return text
            .One("process_cpu_seconds_total", "counter", "Cpu time of this process", self.TotalProcessorTime.TotalSeconds)
            .One("process_resident_memory_bytes", "gauge", "Resident memory of this process", self.WorkingSet64)
            .One("process_start_time_seconds", "gauge", "Start of this process since the epoch", new DateTimeOffset(self.StartTime).ToUnixTimeSeconds())
            .ToString();
    }

    private IEnumerable<(string Labels, double Value, DateTimeOffset? Time)> Of(string name) =>
        counters.Where(pair => pair.Key.Name == name).OrderBy(pair => pair.Key.Labels, StringComparer.Ordinal).Select(pair => (pair.Key.Labels, (double)pair.Value, (DateTimeOffset?)null));

    private static string Word(RunState state) => state switch
    {
        RunState.Created => "created",
        RunState.Running => "running",
        RunState.Exited => "exited",
        _ => "unknown",
    };
}
