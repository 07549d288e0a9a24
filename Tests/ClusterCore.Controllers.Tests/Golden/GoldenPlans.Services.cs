using System.Net;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Controllers.ClusterRoles;
using Flotilla.ClusterCore.Controllers.Jobs;
using Flotilla.ClusterCore.Controllers.LoadBalancers;
using Flotilla.ClusterCore.Controllers.Nodes;
using Flotilla.ClusterCore.Controllers.ServiceAccounts;
using Flotilla.ClusterCore.Controllers.Volumes;

namespace Flotilla.ClusterCore.Controllers.Tests.Golden;

/// <summary>What a cluster does for those who use it besides running their pods.</summary>
internal static partial class GoldenPlans
{
    private static JsonObject ClusterRoles(GoldenCase one) => new()
    {
        ["rules"] = new JsonArray([.. AggregatedRules.Compute(one.One("role", ObjectJson.Default.ClusterRole), one.Many("roles", ObjectJson.Default.ClusterRole))
            .Select(rule => Tree(rule, ObjectJson.Default.PolicyRule))]),
    };

    private static JsonObject FinishedJobs(GoldenCase one)
    {
        var plan = FinishedJobPlan.Compute(one.One("job", ObjectJson.Default.Job), one.Now);
        return new() { ["delete"] = plan.Delete, ["requeueAfter"] = Seconds(plan.RequeueAfter) };
    }

    /// <summary>The services are asked for an address one after the other, each before the others' addresses show; then <c>service</c> is.</summary>
    private static JsonObject LoadBalancers(GoldenCase one)
    {
        var service = one.One("service", ObjectJson.Default.Service);
        var others = one.Many("services", ObjectJson.Default.Service);
        var pool = new LoadBalancerPool(IPNetwork.Parse(one.Text("pool") ?? "192.0.2.0/29"));
        Client.Objects.Service[] all = [.. others, service];
        foreach (var other in others) { pool.Choose(other, all); }
        return new() { ["step"] = LoadBalancerPlan.Compute(service).ToString(), ["address"] = pool.Choose(service, all) };
    }

    /// <summary>Nodes are seen in order: those that have a block keep it, those that are <c>gone</c> give theirs back, the others get one.</summary>
    private static JsonObject NodeIpam(GoldenCase one)
    {
        var blocks = CidrBlocks.Parse(one.Text("cidr") ?? "10.244.0.0/16", one.Number("mask") ?? 24);
        var given = new JsonObject();
        foreach (var form in one.Parts("nodes"))
        {
            var name = (string)form["name"]!;
            if (form["gone"] is not null) { blocks.Release(name); }
            else if ((string?)form["has"] is { } has) { blocks.Occupy(name, has); }
            else { given[name] = blocks.Allocate(name); }
        }
        return given;
    }

    private static JsonObject RootCertificates(GoldenCase one)
    {
        var map = one.Part("map").Count == 0 ? null : one.One("map", ObjectJson.Default.ConfigMap);
        return new() { ["step"] = RootCertificatePlan.Compute(one.One("namespace", ObjectJson.Default.Namespace), map, "CA").ToString() };
    }

    private static JsonObject StorageProtection(GoldenCase one) => new()
    {
        ["finalizer"] = (one.Part("volume").Count > 0
            ? StorageProtectionPlan.Compute(one.One("volume", ObjectJson.Default.PersistentVolume))
            : StorageProtectionPlan.Compute(one.One("claim", ObjectJson.Default.PersistentVolumeClaim), one.Pods())).ToString(),
    };

    private static JsonObject TokenSecrets(GoldenCase one)
    {
        var account = one.Part("account").Count == 0 ? null : one.One("account", ObjectJson.Default.ServiceAccount);
        return new() { ["step"] = TokenSecretPlan.Compute(one.One("secret", ObjectJson.Default.Secret), account, "CA").ToString() };
    }
}
