using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.NodeAgent.Kubelet.Pods;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Nodes;

/// <summary>Registers the node and keeps its status: at once when something changed, every five minutes otherwise.</summary>
internal sealed partial class NodeReporter(
    ApiClient client,
    NodeIdentity node,
    int port,
    IReadOnlyDictionary<string, string> labels,
    Func<CancellationToken, Task<(NodeHealth Health, NodeSystemInfo Info)>> look,
    NodeEvents? events,
    TimeProvider clock,
    ILogger logger) : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LookWhileUnready = TimeSpan.FromMilliseconds(200);

    private readonly Signal changed = new();
    private NodeCondition[] conditions = [];
    private volatile IReadOnlyDictionary<string, string> extended = new Dictionary<string, string>();
    private string[] offered = [];
    private string? reported;
    private DateTimeOffset reportedAt;
    private Node? registered;

    public bool Ready => conditions.Any(condition => condition is { Type: "Ready", Status: "True" });

    public string? Uid => registered?.Metadata.Uid;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await RetryAsync(RegisterAsync, cancellationToken);
        var lease = new NodeLease(client, node.Name, Uid, clock);
        await Task.WhenAll(
            RepeatAsync(lease.RenewAsync, () => Task.Delay(NodeLease.Interval, clock, cancellationToken), cancellationToken),
            RepeatAsync(ReportAsync, () => changed.WaitAsync(Ready ? LookInterval : LookWhileUnready, clock, cancellationToken), cancellationToken));
    }

    /// <summary>Something about the node is different: it is looked at now.</summary>
    public void Wake() => changed.Set();

    /// <summary>Whoever adds an extended resource to the node's capacity is answered by its allocatable.</summary>
    public void SeeCapacity(Node now)
    {
        var seen = NodeObject.Extended(now);
        if (seen.Count == extended.Count && seen.All(amount => extended.GetValueOrDefault(amount.Key) == amount.Value)) { return; }
        extended = seen;
        Wake();
    }

    public void Dispose() => changed.Dispose();

    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var status = await StatusAsync(cancellationToken);
        var created = await client.CreateAsync(Kinds.Nodes, NodeObject.Registration(node.Name, NodeObject.Labels(node.Name, labels), status), cancellationToken);
        if (!created.AlreadyExists)
        {
            registered = created.OrThrow();
            // A server that takes no status on creation is told it again.
            (reported, reportedAt) = (registered.Status.Conditions is null ? null : Essence(status), clock.GetUtcNow());
            LogRegistered(logger, node.Name);
            return;
        }

        var wanted = new JsonObject();
        foreach (var (name, value) in NodeObject.Labels(node.Name, labels))
        {
            wanted[name] = value;
        }

        registered = (await client.PatchAsync(
            Kinds.Nodes, null, node.Name, Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = wanted } }), cancellationToken)).OrThrow();
        conditions = registered.Status.Conditions ?? [];
        await ReportAsync(cancellationToken);
    }

    /// <summary>Writes the status when it says something else, or has not been written for long.</summary>
    public async Task ReportAsync(CancellationToken cancellationToken)
    {
        var status = await StatusAsync(cancellationToken);
        var essence = Essence(status);
        var now = clock.GetUtcNow();
        if (essence == reported && now < reportedAt + ReportInterval)
        {
            return;
        }

        var withdrawn = offered.Where(resource => !status.Allocatable!.ContainsKey(resource)).ToArray();
        var answer = await client.PatchStatusAsync(Kinds.Nodes, null, node.Name, Patch.Strategic(NodeObject.StatusPatch(status, withdrawn)), cancellationToken);
        if (answer.IsNotFound)
        {
            // Somebody deleted the node while it runs: it comes back.
            await RegisterAsync(cancellationToken);
            return;
        }

        _ = answer.OrThrow();
        (reported, reportedAt) = (essence, now);
        offered = [.. status.Allocatable!.Keys];
    }

    private async Task<NodeStatus> StatusAsync(CancellationToken cancellationToken)
    {
        var (health, info) = await look(cancellationToken);
        var before = conditions;
        conditions = NodeConditions.Compute(health, before, clock.GetUtcNow());
        foreach (var condition in conditions.Where(now => before.FirstOrDefault(known => known.Type == now.Type) is var known && (known is null ? now is { Type: "Ready", Status: "True" } : known.Status != now.Status)))
        {
            if (NodeConditions.EventOf(condition) is { } happened)
            {
                events?.Normal(happened, $"Node {node.Name} status is now: {happened}");
            }
        }

        return NodeObject.Status(node, port, info, conditions, extended) with { Images = health.Images };
    }

    /// <summary>What is worth a write by itself: everything but the times of heartbeats.</summary>
    private static string Essence(NodeStatus status) =>
        NodeObject.StatusPatch(status with { Conditions = [.. (status.Conditions ?? []).Select(condition => condition with { LastHeartbeatTime = null })] }).ToJsonString();

    private async Task RepeatAsync(Func<CancellationToken, Task> action, Func<Task> pause, CancellationToken cancellationToken)
    {
        while (true)
        {
            await RetryAsync(action, cancellationToken);
            await pause();
        }
    }

    private async Task RetryAsync(Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(7));
        while (true)
        {
            try
            {
                await action(cancellationToken);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(logger, node.Name, exception.Message);
                await Task.Delay(backoff.Next(), clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} is registered")]
    private static partial void LogRegistered(ILogger logger, string node);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} could not report: {Reason}")]
    private static partial void LogFailed(ILogger logger, string node, string reason);
}
