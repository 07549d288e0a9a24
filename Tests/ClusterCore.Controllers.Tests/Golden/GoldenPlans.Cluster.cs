using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Certificates;
using Flotilla.ClusterCore.Controllers.Disruption;
using Flotilla.ClusterCore.Controllers.GarbageCollection;
using Flotilla.ClusterCore.Controllers.Namespaces;
using Flotilla.ClusterCore.Controllers.Nodes;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Quotas;
using Flotilla.ClusterCore.Controllers.ServiceDiscovery;
using Flotilla.ClusterCore.Controllers.Volumes;

namespace Flotilla.ClusterCore.Controllers.Tests.Golden;

internal static partial class GoldenPlans
{
    private static readonly ControllerManagerOptions Options = new();

    /// <summary>The request itself is made of <c>subject</c>.</summary>
    private static JsonObject Certificates(GoldenCase one)
    {
        var request = one.One("request", ObjectJson.Default.CertificateSigningRequest);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        request.Spec.Request = Encoding.ASCII.GetBytes(
            new CertificateRequest(one.Text("subject") ?? "CN=jane", key, HashAlgorithmName.SHA256).CreateSigningRequestPem());
        var plan = CertificatePlan.Compute(request, one.Now);
        return new()
        {
            ["step"] = plan.Step.ToString(),
            ["permission"] = plan.Permission,
            ["refusal"] = plan.Refusal,
            ["requeueAfter"] = Seconds(plan.RequeueAfter),
        };
    }

    private static JsonObject Claims(GoldenCase one)
    {
        var plan = ClaimPlan.Compute(
            one.One("claim", ObjectJson.Default.PersistentVolumeClaim),
            one.Many("volumes", ObjectJson.Default.PersistentVolume),
            one.Many("classes", ObjectJson.Default.StorageClass),
            LocalVolume.Provisioner);
        return new()
        {
            ["step"] = plan.Step.ToString(),
            ["volume"] = plan.Volume?.Metadata.Name,
            ["node"] = plan.Node,
            ["provisioner"] = plan.Provisioner,
            ["class"] = plan.Class,
            ["event"] = plan.Event is { } said ? $"{said.Type} {said.Reason} {said.Message}" : null,
        };
    }

    private static JsonObject Disruption(GoldenCase one)
    {
        var budget = one.One("budget", ObjectJson.Default.PodDisruptionBudget);
        var plan = DisruptionPlan.Compute(budget, one.Pods(), new(one.Number("scale") ?? 0, Failure: one.Text("scaleFailure")), one.Now);
        return new() { ["status"] = Tree(plan.Status, ObjectJson.Default.PodDisruptionBudgetStatus), ["notDeleted"] = Names(plan.NotDeleted), ["requeueAfter"] = Seconds(plan.RequeueAfter) };
    }

    private static JsonObject StaleDisruption(GoldenCase one)
    {
        var plan = StaleDisruptionPlan.Compute(one.Pods().Single(), one.Now);
        return new() { ["takeBack"] = plan.TakeBack, ["requeueAfter"] = Seconds(plan.RequeueAfter) };
    }

    /// <summary>Zones by node: {n1: a}, and the shares of CPUs that the zones have: {a: 0.5}.</summary>
    private static JsonObject EndpointSlices(GoldenCase one)
    {
        var plan = EndpointSlicePlan.Compute(
            one.One("service", ObjectJson.Default.Service), one.Pods(), one.Many("slices", ObjectJson.Default.EndpointSlice),
            node => (string?)one.Part("zones")[node], new(one.Part("shares").Count == 0 ? null : one.Part("shares").ToDictionary(share => share.Key, share => (double)share.Value!)));
        return new()
        {
            ["create"] = Slices(plan.Create),
            ["update"] = Slices(plan.Update),
            ["delete"] = Names(plan.Delete),
            ["event"] = plan.Event is { } told ? $"{told.Type} {told.Reason}: {told.Message}" : null,
        };
    }

    /// <summary>A zone has nodes with so many CPUs each, all ready but those below zero, and ready endpoints.</summary>
    private static JsonObject Topology(GoldenCase one)
    {
        var nodes = one.Parts("zones").SelectMany(zone => (zone["cpus"] as JsonArray ?? []).Select((cpus, i) => new Node
        {
            Metadata = new() { Name = $"{zone["zone"]}-{i}", Labels = Labels(zone) },
            Status = new()
            {
                Allocatable = new Dictionary<string, string> { ["cpu"] = $"{Math.Abs((int)cpus!)}" },
                Conditions = [new() { Type = "Ready", Status = (int)cpus! < 0 ? "False" : "True" }],
            },
        }));
        string?[] endpoints = [.. one.Parts("zones").SelectMany(zone => Enumerable.Repeat((string?)zone["zone"], (int?)zone["endpoints"] ?? 0))];
        var plan = TopologyPlan.Compute(ZoneShares.Compute(nodes), endpoints);
        return new()
        {
            ["problem"] = plan.Problem,
            ["meantFor"] = plan.Zones is null ? null : new JsonObject(plan.Zones.CountBy(zone => zone).Select(zone => KeyValuePair.Create(zone.Key, (JsonNode?)zone.Value))),
            ["moved"] = plan.Zones?.Where((zone, i) => zone != endpoints[i]).Count(),
        };

        static Dictionary<string, string> Labels(JsonObject zone)
        {
            var labels = new Dictionary<string, string>();
            if (zone["zone"] is { } name) { labels[ZoneShares.ZoneLabel] = $"{name}"; }
            if (zone["role"] is { } role) { labels[$"node-role.kubernetes.io/{role}"] = ""; }
            return labels;
        }
    }

    private static JsonArray Slices(IEnumerable<EndpointSlice> slices) => [.. slices.Select(slice => Tree(slice, ObjectJson.Default.EndpointSlice))];

    private static JsonObject Endpoints(GoldenCase one)
    {
        var plan = EndpointsPlan.Compute(one.One("service", ObjectJson.Default.Service), one.Pods());
        return new() { ["subsets"] = new JsonArray([.. plan.Subsets.Select(subset => Tree(subset, ObjectJson.Default.EndpointSubset))]), ["overCapacity"] = plan.OverCapacity };
    }

    private static JsonObject Mirrors(GoldenCase one) => new()
    {
        ["slices"] = Slices(MirrorPlan.Compute(one.One("endpoints", ObjectJson.Default.Endpoints), one.One("service", ObjectJson.Default.Service))),
    };

    /// <summary>The object has owners, each in a state; its dependents are beings that may wait for it.</summary>
    private static JsonObject Garbage(GoldenCase one)
    {
        var node = new GarbageNode("self") { IsVirtual = false, Finalizers = Finalizers(one.Part("object")) };
        foreach (var form in one.Parts("dependents"))
        {
            node.Dependents.Add(new((string)form["name"]!) { IsVirtual = false, IsBeingDeleted = form["deleted"] is not null, Finalizers = Finalizers(form) });
        }
        var owners = one.Parts("owners").Select(form => (
            new OwnerReference { Uid = (string)form["name"]! }, Enum.Parse<OwnerState>((string)form["state"]!, ignoreCase: true))).ToArray();
        var plan = GarbagePlan.Compute(node, owners);
        return new()
        {
            ["deleteWith"] = plan.DeleteWith,
            ["keepOwners"] = plan.KeepOwners is { } kept ? new JsonArray([.. kept.Select(owner => (JsonNode)owner.Uid)]) : null,
            ["unblock"] = new JsonArray([.. plan.Unblock.Select(dependent => (JsonNode)dependent.Uid)]),
        };
    }

    private static string[] Finalizers(JsonObject form) => [.. (form["finalizers"] as JsonArray ?? []).Select(finalizer => (string)finalizer!)];

    /// <summary>What remains: {resource, count, finalizers, grace} each.</summary>
    private static JsonObject Namespaces(GoldenCase one)
    {
        var remaining = one.Parts("remaining").Select(form => new RemainingContent(
            (string)form["resource"]!, (int)form["count"]!,
            (form["finalizers"] as JsonObject ?? []).ToDictionary(entry => entry.Key, entry => (int)entry.Value!),
            TimeSpan.FromSeconds((int?)form["grace"] ?? 0))).ToArray();
        string[] failures = one.Text("failure") is { } failure ? [failure] : [];
        var plan = NamespacePlan.Compute(one.One("namespace", ObjectJson.Default.Namespace), new(remaining, [], failures), one.Now);
        return new()
        {
            ["finalize"] = plan.Finalize,
            ["stuck"] = plan.Stuck?.Type,
            ["conditions"] = new JsonObject(plan.Status.Conditions!.Where(condition => condition.Status == "True")
                .Select(condition => KeyValuePair.Create(condition.Type, (JsonNode?)$"{condition.Reason}: {condition.Message}"))),
            ["requeueAfter"] = Seconds(plan.RequeueAfter),
        };
    }

    /// <summary>The node has been silent for <c>silence</c> seconds.</summary>
    private static JsonObject NodeLifecycle(GoldenCase one)
    {
        var plan = NodeLifecyclePlan.Compute(one.One("node", ObjectJson.Default.Node), one.Seconds("silence"), Options, one.Now);
        return new()
        {
            ["conditions"] = new JsonObject(plan.Conditions.Select(condition => KeyValuePair.Create(condition.Type, (JsonNode?)$"{condition.Status} {condition.Reason}"))),
            ["wentSilent"] = plan.WentSilent,
            ["requeueAfter"] = Seconds(plan.RequeueAfter),
        };
    }

    /// <summary>By the node's own conditions; it <c>mayEvict</c> or not, as its zone allows.</summary>
    private static JsonObject NodeTaints(GoldenCase one)
    {
        var node = one.One("node", ObjectJson.Default.Node);
        var eviction = Enum.Parse<EvictionTaint>(one.Text("eviction") ?? "Keep");
        var taints = Controllers.Nodes.NodeTaints.Compute(node, node.Status.Conditions ?? [], eviction, one.Now) ?? node.Spec.Taints ?? [];
        return new() { ["taints"] = new JsonArray([.. taints.Select(taint => (JsonNode)$"{taint.Key}:{taint.Effect}")]) };
    }

    private static JsonObject PodGarbage(GoldenCase one) => new()
    {
        ["surplus"] = Names(PodGarbagePlan.Surplus(one.Pods(), one.Number("limit") ?? int.MaxValue).Pods),
        ["outOfService"] = Names(PodGarbagePlan.OutOfService(one.One("node", ObjectJson.Default.Node), one.Pods()).Pods),
        ["unscheduled"] = Names(one.Pods().SelectMany(pod => PodGarbagePlan.Unscheduled(pod).Pods)),
    };

    /// <summary>Other kinds by number: {secrets: 2}.</summary>
    private static JsonObject Quotas(GoldenCase one)
    {
        var usage = new NamespaceUsage(
            one.Pods(), one.Many("services", ObjectJson.Default.Service), one.Many("claims", ObjectJson.Default.PersistentVolumeClaim),
            one.Part("counts").ToDictionary(entry => entry.Key, entry => (int)entry.Value!));
        return new() { ["used"] = Tree(QuotaPlan.Compute(one.One("quota", ObjectJson.Default.ResourceQuota), usage, one.Now), ObjectJson.Default.ResourceQuotaStatus)?["used"]?.DeepClone() };
    }

    private static JsonObject TaintEviction(GoldenCase one)
    {
        var node = one.One("node", ObjectJson.Default.Node);
        var plan = TaintEvictionPlan.Compute(node.Spec.Taints ?? [], one.Pods().Single(), one.Now);
        return new() { ["deleteAt"] = Time(plan.DeleteAt) };
    }

    /// <summary>Nodes by zone: {zone, ready, silent} each.</summary>
    private static JsonObject Zones(GoldenCase one)
    {
        var nodes = one.Parts("zones").SelectMany(zone =>
            Nodes(zone, "ready", "True").Concat(Nodes(zone, "silent", "Unknown")).Concat(Nodes(zone, "silentByNow", "True"))).ToArray();
        var plan = ZonePlan.Compute(nodes, Options, node => node.Metadata.Name.Contains("silentByNow", StringComparison.Ordinal));
        return new()
        {
            ["states"] = new JsonObject(plan.Zones.Select(zone => KeyValuePair.Create(zone.Key.TrimStart(':'), (JsonNode?)zone.Value.ToString()))),
            ["evictionsPerSecond"] = new JsonObject(plan.EvictionsPerSecond.Select(zone => KeyValuePair.Create(zone.Key.TrimStart(':'), (JsonNode?)zone.Value))),
            ["isMasterDisruption"] = plan.IsMasterDisruption,
        };
    }

    private static IEnumerable<Node> Nodes(JsonObject zone, string count, string ready) => Enumerable.Range(0, (int?)zone[count] ?? 0).Select(i => new Node
    {
        Metadata = new() { Name = $"{zone["zone"]}-{count}-{i}", Labels = new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = (string)zone["zone"]! } },
        Status = new() { Conditions = [new() { Type = "Ready", Status = ready }] },
    });
}
