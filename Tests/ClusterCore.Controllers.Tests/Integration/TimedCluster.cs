using System.Collections.Concurrent;
using Flotilla.ClusterCore.Client;
using Flotilla.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

/// <summary>
/// A real API server and scheduler, with the controllers in this process, on a clock that tests move: hours pass in moments. Nodes
/// renew their leases by that clock.
/// </summary>
public sealed class TimedCluster() : ServedCluster("apiserver,scheduler")
{
    private static readonly TimeSpan BetweenRenewals = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, DateTimeOffset> heard = [];
    private readonly Dictionary<string, CancellationTokenSource> alive = [];
    private ControllerContext? context;
    private DateTimeOffset renewed;

    /// <summary>Starts at the server's time, which stands still by comparison.</summary>
    internal ManualClock Clock { get; } = new(new(TimeProvider.System.GetUtcNow().UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero));

    /// <summary>What the balancers of a service answer, by its name.</summary>
    internal ScriptedBalancers Balancers => field ??= new(Clock);

    internal const int TerminatedPodLimit = 20;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        context?.Dispose();
    }

    /// <param name="zone">Null for a node that is in none.</param>
    internal async Task<SimulatedNode> JoinAsync(string name, string? zone = null)
    {
        var node = new SimulatedNode(Client, name, Clock);
        await node.RegisterAsync(CancellationToken.None, zone);
        var stop = new CancellationTokenSource();
        alive.Add(name, stop);
        Run(async stopping =>
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(stopping, stop.Token);
            await node.RunPodsAsync(both.Token);
        });
        return node;
    }

    /// <summary>The node says and does nothing any more.</summary>
    internal void Silence(string name)
    {
        alive.Remove(name, out var stop);
        stop!.Cancel();
    }

    internal async Task ReviveAsync(SimulatedNode node)
    {
        await node.RenewAsync(CancellationToken.None);
        await node.PostStatusAsync(CancellationToken.None);
        alive.Add(node.Name, new());
    }

    internal async Task LeaveAsync(string name)
    {
        if (alive.ContainsKey(name)) { Silence(name); }
        await DeleteAsync(Kinds.Nodes, null, name);
        await DeleteAsync(Kinds.Leases, "kube-node-lease", name);
    }

    internal async Task LeaveAllAsync()
    {
        foreach (var node in await ListAsync(Kinds.Nodes, null)) { await LeaveAsync(node.Metadata.Name); }
    }

    /// <summary>Lets time pass until it is so.</summary>
    public Task PassUntilAsync(Func<Task<bool>> condition, string what, TimeSpan? step = null) => Eventually.TrueAsync(
        async () =>
        {
            await StepAsync(step ?? TimeSpan.FromSeconds(1));
            return await condition();
        },
        what);

    public async Task PassAsync(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= BetweenRenewals)
        {
            await StepAsync(left < BetweenRenewals ? left : BetweenRenewals);
        }
        // What was due has begun: a controller gets round to something new.
        await NamespaceAsync();
    }

    protected override async Task FurnishAsync()
    {
        var options = new ControllerManagerOptions
        {
            RootCertificate = KeyFile("ca.crt"),
            SigningCertificate = KeyFile("ca.crt"),
            SigningKey = KeyFile("ca.key"),
            LoadBalancers = Balancers,
            TerminatedPodLimit = TerminatedPodLimit,
        };
        context = new(Client, options, Clock, NullLoggerFactory.Instance);
        var term = new ControllerTerm(context, ControllerList.Of(context));
        // After the controllers: what was heard here was heard by them.
        context.Informers.Get(Kinds.Leases).AddHandler(change =>
        {
            if (change.New?.Spec.RenewTime is { } time) { heard[change.Key.Name] = time; }
        });
        renewed = Clock.GetUtcNow();
        Run(term.RunAsync);
        await context.Informers.WaitForSyncAsync(CancellationToken.None);
    }

    /// <summary>No node is silent for longer than that: each is heard before time goes on.</summary>
    private async Task StepAsync(TimeSpan step)
    {
        Clock.Advance(step);
        if (Clock.GetUtcNow() - renewed < BetweenRenewals)
        {
            return;
        }
        renewed = Clock.GetUtcNow();
        foreach (var name in alive.Keys)
        {
            var time = await new SimulatedNode(Client, name, Clock).RenewAsync(CancellationToken.None);
            await Eventually.TrueAsync(() => heard.GetValueOrDefault(name) == time, $"the lease of {name} is heard");
        }
    }
}

/// <summary>Its classes have one cluster and one clock, and so run one after the other.</summary>
[CollectionDefinition]
public sealed class TimedCollection : ICollectionFixture<TimedCluster>;
