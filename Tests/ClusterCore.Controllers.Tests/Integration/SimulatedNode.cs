using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

/// <summary>
/// A node whose pods run as soon as they are bound and end as soon as they are deleted. Pods labelled <c>end</c> finish at once as the
/// label says, or with <see cref="ByHand"/> are left to the test; others run and are ready.
/// </summary>
internal sealed class SimulatedNode(ApiClient client, string name, TimeProvider clock)
{
    /// <summary>What a pod's label <c>end</c> says whose status the test writes itself.</summary>
    public const string ByHand = "by-hand";
    private const string LeaseNamespace = "kube-node-lease";
    private int addresses;

    public string Name => name;

    /// <param name="zone">Null for a node that is in none.</param>
    public async Task RegisterAsync(CancellationToken cancellationToken, string? zone = null)
    {
        var labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = name };
        if (zone is not null)
        {
            labels["topology.kubernetes.io/zone"] = zone;
        }
        (await client.CreateAsync(Kinds.Nodes, new Node { Metadata = new() { Name = name, Labels = labels } }, cancellationToken)).OrThrow();
        await PostStatusAsync(cancellationToken);
        (await client.CreateAsync(Kinds.Leases, Lease(), cancellationToken)).OrThrow();
    }

    public async Task PostStatusAsync(CancellationToken cancellationToken)
    {
        var now = TimeConverter.ToText(clock.GetUtcNow());
        var status = $$$$"""
            {"status":{"capacity":{"cpu":"64","memory":"256Gi","pods":"2000"},"allocatable":{"cpu":"64","memory":"256Gi","pods":"2000"},
             "conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","lastHeartbeatTime":"{{{{now}}}}","lastTransitionTime":"{{{{now}}}}"}]}}
            """;
        (await client.PatchStatusAsync(Kinds.Nodes, null, name, Patch.Merge(JsonNode.Parse(status)!), cancellationToken)).OrThrow();
    }

    /// <returns>The time that the lease was renewed at.</returns>
    public async Task<DateTimeOffset> RenewAsync(CancellationToken cancellationToken)
    {
        var lease = (await client.GetAsync(Kinds.Leases, LeaseNamespace, name, cancellationToken)).OrThrow();
        var renewed = (await client.UpdateAsync(Kinds.Leases, lease with { Spec = Lease().Spec }, cancellationToken)).OrThrow();
        return renewed.Spec.RenewTime!.Value;
    }

    public Task RunPodsAsync(CancellationToken cancellationToken)
    {
        var pods = new Informer<Pod>(client, Kinds.Pods, new() { FieldSelector = $"spec.nodeName={name}" });
        pods.AddHandler(change =>
        {
            if (change.New is { } pod)
            {
                _ = AdvanceAsync(pod, cancellationToken);
            }
        });
        return pods.RunAsync(cancellationToken);
    }

    private async Task AdvanceAsync(Pod pod, CancellationToken cancellationToken)
    {
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            var now = new DeleteOptions { GracePeriodSeconds = 0, PreconditionUid = pod.Metadata.Uid };
            await client.DeleteAsync(Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, cancellationToken, now);
            return;
        }
        var end = pod.Metadata.Labels?.GetValueOrDefault("end");
        if (pod.Status.Phase is not ("Pending" or null) || end == ByHand)
        {
            return;
        }
        var time = TimeConverter.ToText(clock.GetUtcNow());
        var status = $$$$"""
            {"status":{"phase":"{{{{end ?? "Running"}}}}","podIP":"10.244.0.{{{{Interlocked.Increment(ref addresses) % 250 + 1}}}}","startTime":"{{{{time}}}}",
             "conditions":[{"type":"Ready","status":"{{{{(end is null ? "True" : "False")}}}}","lastTransitionTime":"{{{{time}}}}"}]}}
            """;
        await client.PatchStatusAsync(
            Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, Patch.Merge(JsonNode.Parse(status)!), cancellationToken);
    }

    private Lease Lease() => new()
    {
        Metadata = new() { Namespace = LeaseNamespace, Name = name },
        Spec = new() { HolderIdentity = name, LeaseDurationSeconds = 40, RenewTime = clock.GetUtcNow() },
    };
}
