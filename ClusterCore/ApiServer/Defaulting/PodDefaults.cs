using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class PodDefaults
{
    private static readonly string[] ContainerLists = ["containers", "initContainers", "ephemeralContainers"];

    /// <summary>What holds for pods and not for templates of pods comes after what holds for both.</summary>
    public static void Pod(JsonObject pod)
    {
        var spec = pod.Ensure("spec");
        Spec(spec);
        foreach (var container in spec.Items("containers").Concat(spec.Items("initContainers")))
        {
            var resources = container.Ensure("resources");
            resources.DefaultEntries("requests", resources.Object("limits"));
            if (spec.Flag("hostNetwork") == true)
            {
                HostPorts(container);
            }
        }

        if (spec.Object("resources") is { } podResources)
        {
            PodLevelResources(spec, podResources);
        }

        spec.Default("enableServiceLinks", true);
        // Of a template it stays as it is.
        if (spec.Number("terminationGracePeriodSeconds") < 0) { spec["terminationGracePeriodSeconds"] = 1; }
    }

    /// <summary>A pod template inside a workload.</summary>
    public static void Template(JsonObject? template)
    {
        if (template is not null)
        {
            Spec(template.Ensure("spec"));
        }
    }

    private static void Spec(JsonObject spec)
    {
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("restartPolicy", "Always");
        spec.Ensure("securityContext");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("schedulerName", "default-scheduler");
        foreach (var list in ContainerLists)
        {
            foreach (var container in spec.Items(list))
            {
                ContainerDefaults.Container(container);
            }
        }

        foreach (var volume in spec.Items("volumes"))
        {
            VolumeDefaults.Volume(volume);
        }
    }

    private static void HostPorts(JsonObject container)
    {
        foreach (var port in container.Items("ports"))
        {
            port.DefaultZero("hostPort", port.Number("containerPort") ?? 0);
        }
    }

    /// <summary>A pod-level limit without a request: the containers' requests together, or else the limit itself.</summary>
    private static void PodLevelResources(JsonObject spec, JsonObject resources)
    {
        if (resources.Object("limits") is not { Count: > 0 } limits)
        {
            return;
        }

        var requests = resources.Ensure("requests");
        foreach (var name in (ReadOnlySpan<string>)["cpu", "memory"])
        {
            if (!requests.ContainsKey(name) && SumOfRequests(spec, name) is { } sum)
            {
                requests[name] = sum.ToString();
            }
        }

        foreach (var (name, limit) in limits.Where(static limit => ResourceValidation.IsOfPod(limit.Key)))
        {
            if (!requests.ContainsKey(name)) { requests[name] = limit?.DeepClone(); }
        }

        if (requests.Count == 0) { resources.Remove("requests"); }
    }

    private static Quantity? SumOfRequests(JsonObject spec, string resource)
    {
        Quantity? sum = null;
        foreach (var container in spec.Items("containers"))
        {
            if (Quantity.TryParse(container.Object("resources")?.Object("requests")?.Text(resource), out var request))
            {
                sum = (sum ?? Quantity.Zero) + request;
            }
        }

        return sum;
    }
}
