using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>
/// What a pod asks of a node. Containers and sidecars run together, so they add up; init containers run one after the
/// other beside the sidecars started before them, so the largest counts:
/// <code>
/// init a: 2 cpu      sidecar s: 1 cpu     init b: 2 cpu      containers: 1 + 1 cpu
/// peak while starting = max(2, 1, 2 + 1) = 3; while running = 1 + 1 + 1 = 3; request = 3
/// </code>
/// </summary>
internal static class PodRequests
{
    private const long DefaultMilliCpu = 100;
    private const long DefaultMemory = 200 * 1024 * 1024;

    /// <param name="scored">Give containers without requests the small defaults that scores use.</param>
    public static ResourceAmounts Of(Pod pod, bool scored)
    {
        var (spec, status) = (pod.Spec, pod.Status);
        var isInfeasible = Array.Exists(status.Conditions ?? [], one => one is { Type: "PodResizePending", Reason: "Infeasible" });
        var running = new ResourceAmounts();
        foreach (var container in spec.Containers ?? []) { running.Add(Of(container, status.ContainerStatuses, isInfeasible, scored)); }
        AddInitContainers(running, pod, isInfeasible, scored);
        OverrideFromPod(running, spec.Resources?.Requests);
        if (spec.Overhead is { } overhead) { running.Add(ResourceParser.Parse(overhead)); }
        return running;
    }

    private static void AddInitContainers(ResourceAmounts running, Pod pod, bool isInfeasible, bool scored)
    {
        if (pod.Spec.InitContainers is not { Length: > 0 } containers) { return; }
        var sidecars = new ResourceAmounts();
        var peak = new ResourceAmounts();
        foreach (var container in containers)
        {
            var request = Of(container, pod.Status.InitContainerStatuses, isInfeasible, scored);
            if (container.RestartPolicy == "Always")
            {
                running.Add(request);
                sidecars.Add(request);
                request = sidecars.Clone();
            }
            else
            {
                request.Add(sidecars);
            }
            peak.RaiseTo(request);
        }
        running.RaiseTo(peak);
    }

    // Pod-level requests say what all containers together get.
    private static void OverrideFromPod(ResourceAmounts running, IReadOnlyDictionary<string, string>? requests)
    {
        if (requests is not { Count: > 0 }) { return; }
        var amounts = ResourceParser.Parse(requests);
        foreach (var name in requests.Keys) { running[name] = amounts[name]; }
    }

    /// <summary>
    /// While a container is resized in place it counts with the larger of what is wanted and what it has; with what it has alone
    /// when its node can never give it what is wanted.
    /// </summary>
    private static ResourceAmounts Of(Container container, ContainerStatus[]? statuses, bool isInfeasible, bool scored)
    {
        var wanted = Of(container, scored);
        if (Array.Find(statuses ?? [], one => one.Name == container.Name) is not { } status) { return wanted; }
        var has = status.Resources?.Requests is { } requests ? ResourceParser.Parse(requests) : new();
        if (status.AllocatedResources is { } allocated) { has.RaiseTo(ResourceParser.Parse(allocated)); }
        if (isInfeasible) { return has; }
        wanted.RaiseTo(has);
        return wanted;
    }

    private static ResourceAmounts Of(Container container, bool scored)
    {
        var requests = container.Resources?.Requests;
        var amounts = requests is null ? new() : ResourceParser.Parse(requests);
        if (!scored) { return amounts; }
        if (requests?.ContainsKey(ResourceNames.Cpu) != true) { amounts.MilliCpu = DefaultMilliCpu; }
        if (requests?.ContainsKey(ResourceNames.Memory) != true) { amounts.Memory = DefaultMemory; }
        return amounts;
    }
}
