using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>One slice for each subset and address family, by names that do not change: mirroring again writes nothing.</summary>
internal static class MirrorPlan
{
    public const string Manager = "endpointslicemirroring-controller.k8s.io";
    private const string Skip = "endpointslice.kubernetes.io/skip-mirror";
    private const string LastChange = "endpoints.kubernetes.io/last-change-trigger-time";
    private const string LeaderElection = "control-plane.alpha.kubernetes.io/leader";

    /// <summary>Upstream's bound on what is mirrored of one subset.</summary>
    private const int MaxEndpoints = 1000;

    public static IReadOnlyList<EndpointSlice> Compute(Client.Objects.Endpoints? endpoints, Service? service)
    {
        if (endpoints is null || service is null || service.Spec.Selector is { Count: > 0 } || IsExempt(endpoints))
        {
            return [];
        }
        var mirrored = new List<EndpointSlice>();
        var subsets = endpoints.Subsets ?? [];
        for (var i = 0; i < subsets.Length; i++)
        {
            var all = (subsets[i].Addresses ?? []).Select(address => Endpoint(address, ready: true))
                .Concat((subsets[i].NotReadyAddresses ?? []).Select(address => Endpoint(address, ready: false))).Take(MaxEndpoints);
            foreach (var family in all.GroupBy(endpoint => endpoint.Addresses![0].Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4"))
            {
                mirrored.Add(Slice(endpoints, subsets[i], family.Key, [.. family], i));
            }
        }
        return mirrored;
    }

    public static bool Same(EndpointSlice left, EndpointSlice right) => JsonNode.DeepEquals(Content(left), Content(right));

    /// <summary>Turns a slice that is there into what is wanted.</summary>
    public static Patch Replacement(EndpointSlice known, EndpointSlice wanted)
    {
        var body = Content(wanted);
        var metadata = new JsonObject { ["labels"] = Take(body, "labels"), ["annotations"] = Take(body, "annotations") };
        foreach (var gone in (known.Metadata.Annotations ?? new Dictionary<string, string>()).Keys.Where(name => !metadata["annotations"]!.AsObject().ContainsKey(name)))
        {
            metadata["annotations"]![gone] = null;
        }
        body["metadata"] = metadata;
        return Patch.Merge(body);
    }

    private static JsonObject Take(JsonObject body, string name)
    {
        var taken = body[name]?.DeepClone() as JsonObject ?? [];
        body.Remove(name);
        return taken;
    }

    private static bool IsExempt(Client.Objects.Endpoints endpoints) =>
        endpoints.Metadata.Labels?.GetValueOrDefault(Skip) == "true"
        || endpoints.Metadata.Annotations?.ContainsKey(LeaderElection) == true
        // The API server writes the slice of its own service.
        || endpoints.Key is { Namespace: "default", Name: "kubernetes" };

    private static EndpointSlice Slice(
        Client.Objects.Endpoints endpoints, EndpointSubset subset, string addressType, Endpoint[] addresses, int index)
    {
        var labels = new Dictionary<string, string>(endpoints.Metadata.Labels ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            [Labels.ServiceName] = endpoints.Metadata.Name,
            [Labels.ManagedBy] = Manager,
        };
        return new()
        {
            Metadata = new()
            {
                Name = $"{endpoints.Metadata.Name}-{(addressType == "IPv6" ? "v6-" : "")}mirror-{index}",
                Namespace = endpoints.Metadata.Namespace,
                Labels = labels,
                Annotations = (endpoints.Metadata.Annotations ?? new Dictionary<string, string>())
                    .Where(annotation => annotation.Key is not (Controllers.Labels.LastApplied or LastChange)).ToDictionary(StringComparer.Ordinal),
                OwnerReferences =
                [
                    new()
                    {
                        ApiVersion = "v1",
                        Kind = "Endpoints",
                        Name = endpoints.Metadata.Name,
                        Uid = endpoints.Metadata.Uid ?? "",
                        Controller = true,
                        BlockOwnerDeletion = true,
                    },
                ],
            },
            AddressType = addressType,
            Endpoints = addresses,
            Ports = [.. (subset.Ports ?? []).Select(port => new EndpointSlicePort
            {
                Name = port.Name ?? "",
                Port = port.Port,
                Protocol = port.Protocol ?? "TCP",
                AppProtocol = port.AppProtocol,
            })],
        };
    }

    private static Endpoint Endpoint(EndpointAddress address, bool ready) => new()
    {
        Addresses = [address.Ip],
        Conditions = new() { Ready = ready },
        Hostname = address.Hostname,
        NodeName = address.NodeName,
        TargetRef = address.TargetRef,
    };

    private static JsonObject Content(EndpointSlice slice)
    {
        var tree = (JsonObject)JsonSerializer.SerializeToNode(slice, ObjectJson.Default.EndpointSlice)!;
        return new()
        {
            ["labels"] = tree["metadata"]?["labels"]?.DeepClone(),
            ["annotations"] = tree["metadata"]?["annotations"]?.DeepClone() ?? new JsonObject(),
            ["endpoints"] = tree["endpoints"]?.DeepClone() ?? new JsonArray(),
            ["ports"] = tree["ports"]?.DeepClone() ?? new JsonArray(),
        };
    }
}
