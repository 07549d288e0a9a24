using Flotilla.NodeAgent.Kubelet.Qos;
using static Flotilla.NodeAgent.Kubelet.Server.Stats.MetricText;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <summary>
/// <c>/metrics/cadvisor</c>: containers and pods under cAdvisor's names and labels, which dashboards are made for. A pod's own
/// samples have an empty <c>container</c>; cpu has the label <c>cpu="total"</c>.
/// </summary>
internal static class CadvisorMetrics
{
    private sealed record Sample(string Labels, CgroupUsage Kernel);

    private static readonly (string Name, string Type, string Help, Func<CgroupUsage, double> Value)[] Families =
    [
        ("container_memory_usage_bytes", "gauge", "Memory in use, whatever it was accessed for", usage => usage.Memory),
        ("container_memory_working_set_bytes", "gauge", "Working set", usage => usage.WorkingSet),
        ("container_memory_rss", "gauge", "Anonymous memory", usage => usage.Rss),
        ("container_memory_cache", "gauge", "Page cache", usage => usage.Cache),
        ("container_spec_memory_limit_bytes", "gauge", "Memory limit, 0 for none", usage => usage.MemoryLimit),
        ("container_processes", "gauge", "Processes inside", usage => usage.Processes),
        ("container_cpu_cfs_periods_total", "counter", "Elapsed enforcement periods", usage => usage.Periods),
        ("container_cpu_cfs_throttled_periods_total", "counter", "Throttled periods", usage => usage.ThrottledPeriods),
        ("container_cpu_cfs_throttled_seconds_total", "counter", "Time throttled", usage => usage.ThrottledNanoseconds / 1e9),
        ("container_oom_events_total", "counter", "Kills for lack of memory", usage => usage.OutOfMemoryKills),
    ];

    private static readonly (string Name, Func<InterfaceUsage, double> Value)[] NetworkFamilies =
    [
        ("container_network_receive_bytes_total", usage => usage.Received),
        ("container_network_receive_errors_total", usage => usage.ReceiveErrors),
        ("container_network_transmit_bytes_total", usage => usage.Sent),
        ("container_network_transmit_errors_total", usage => usage.SendErrors),
    ];

    public static string Of(UsageSnapshot snapshot, Func<Flotilla.ClusterCore.Client.Objects.Pod, string> cgroupOf)
    {
        DateTimeOffset? time = snapshot.Time;
        var text = new MetricText();
        List<Sample> samples =
        [
            .. snapshot.Pods.SelectMany(pod => pod.Containers.Select(container => new Sample(OfContainer(pod, container, cgroupOf(pod.Pod)), container.Kernel))),
            .. snapshot.Pods.Select(pod => new Sample(OfPod(pod, cgroupOf(pod.Pod)), pod.Kernel)),
        ];
        text.Family("container_cpu_usage_seconds_total", "counter", "Cpu time in core-seconds", samples.Select(sample => ($"{sample.Labels},cpu=\"total\"", sample.Kernel.CpuNanoseconds / 1e9, time)));
        foreach (var (name, type, help, value) in Families)
        {
            text.Family(name, type, help, samples.Select(sample => (sample.Labels, value(sample.Kernel), time)));
        }

        Containers(text, snapshot, cgroupOf);
        foreach (var (name, value) in NetworkFamilies)
        {
            text.Family(name, "counter", "Of the pod's interface", snapshot.Pods.Where(pod => pod.Network is not null)
                .Select(pod => ($"{OfPod(pod, cgroupOf(pod.Pod))},interface=\"{pod.Network!.Value.Name}\"", value(pod.Network.Value), time)));
        }

        return text
            .One("machine_cpu_cores", "gauge", "Cores of the machine", Environment.ProcessorCount)
            .One("machine_memory_bytes", "gauge", "Memory of the machine", snapshot.Node.Memory.Total)
            .ToString();
    }

    private static void Containers(MetricText text, UsageSnapshot snapshot, Func<Flotilla.ClusterCore.Client.Objects.Pod, string> cgroupOf)
    {
        DateTimeOffset? time = snapshot.Time;
        var all = snapshot.Pods.SelectMany(pod => pod.Containers.Select(container => (Labels: OfContainer(pod, container, cgroupOf(pod.Pod)), Usage: container))).ToList();
        text.Family("container_fs_usage_bytes", "gauge", "Disk used by the writable layer", all.Select(each => (each.Labels, (double)each.Usage.WritableLayer.Bytes, time)))
            .Family("container_start_time_seconds", "gauge", "Start since the epoch", all.Select(each => (each.Labels, each.Usage.StartedAt.ToUnixTimeMilliseconds() / 1e3, time)))
            .Family("container_last_seen", "gauge", "Last time it was seen", all.Select(each => (each.Labels, (double)snapshot.Time.ToUnixTimeSeconds(), time)));
    }

    private static string OfContainer(PodUsage pod, ContainerUsage container, string cgroup) => Labels(
        ("container", container.Spec.Name), ("id", $"{cgroup}/{container.Record.Id}"), ("image", container.Record.ImageId), ("name", container.Record.Id),
        ("namespace", pod.Pod.Metadata.Namespace ?? ""), ("pod", pod.Pod.Metadata.Name));

    private static string OfPod(PodUsage pod, string cgroup) => Labels(
        ("container", ""), ("id", cgroup), ("image", ""), ("name", ""), ("namespace", pod.Pod.Metadata.Namespace ?? ""), ("pod", pod.Pod.Metadata.Name));
}
