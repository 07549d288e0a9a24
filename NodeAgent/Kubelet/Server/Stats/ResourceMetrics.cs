using static Flotilla.NodeAgent.Kubelet.Server.Stats.MetricText;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <summary><c>/metrics/resource</c>: the few figures that metrics-server reads.</summary>
internal static class ResourceMetrics
{
    public static string Of(UsageSnapshot snapshot)
    {
        var containers = snapshot.Pods.SelectMany(pod => pod.Containers.Select(container => (Labels: OfContainer(pod, container), Usage: container))).ToList();
        var pods = snapshot.Pods.Select(pod => (Labels: Labels(("namespace", pod.Pod.Metadata.Namespace ?? ""), ("pod", pod.Pod.Metadata.Name)), Usage: pod)).ToList();
        DateTimeOffset? time = snapshot.Time;
        return new MetricText()
            .Family("container_cpu_usage_seconds_total", "counter", "Cpu time of the container in core-seconds", containers.Select(each => (each.Labels, Seconds(each.Usage.Kernel.CpuNanoseconds), time)))
            .Family("container_memory_working_set_bytes", "gauge", "Working set of the container", containers.Select(each => (each.Labels, (double)each.Usage.Kernel.WorkingSet, time)))
            .Family("container_start_time_seconds", "gauge", "Start of the container since the epoch", containers.Select(each => (each.Labels, each.Usage.StartedAt.ToUnixTimeMilliseconds() / 1e3, (DateTimeOffset?)null)))
            .Family("pod_cpu_usage_seconds_total", "counter", "Cpu time of the pod in core-seconds", pods.Select(each => (each.Labels, Seconds(each.Usage.Kernel.CpuNanoseconds), time)))
            .Family("pod_memory_working_set_bytes", "gauge", "Working set of the pod", pods.Select(each => (each.Labels, (double)each.Usage.Kernel.WorkingSet, time)))
            .Family("node_cpu_usage_seconds_total", "counter", "Cpu time of the node in core-seconds", [("", Seconds(snapshot.Node.CpuNanoseconds), time)])
            .Family("node_memory_working_set_bytes", "gauge", "Working set of the node", [("", snapshot.Node.Memory.WorkingSet, time)])
            .One("resource_scrape_error", "gauge", "1 if there was an error while reading the figures", 0)
            .ToString();
    }

    private static string OfContainer(PodUsage pod, ContainerUsage container) =>
        Labels(("container", container.Spec.Name), ("namespace", pod.Pod.Metadata.Namespace ?? ""), ("pod", pod.Pod.Metadata.Name));

    private static double Seconds(ulong nanoseconds) => nanoseconds / 1e9;
}
