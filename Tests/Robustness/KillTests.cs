using Flotilla.ClusterCore.Storage.Etcd.Client;
using Flotilla.Robustness.Faults;
using Flotilla.Robustness.Histories;

namespace Flotilla.Robustness;

/// <summary>The store's own process, killed while clients write through its etcd front.</summary>
public sealed class KillTests
{
    private static readonly int Rounds = Stores.IsLongForm ? 200 : 6;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_any_moment_it_loses_nothing_acknowledged()
    {
        var directory = Directory.CreateTempSubdirectory("robustness");
        var traffic = new Traffic(seed: 7);
        var random = new Random(7);
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await StoreProcess.StartAsync(directory.FullName, Cancellation);
            await using var store = await EtcdStore.OpenAsync(Options(server), Cancellation);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var running = traffic.RunAsync(store, clients: 8, operations: 2_000, stop.Token);
            await Task.Delay(random.Next(20, 300), Cancellation);
            server.Kill();
            await stop.CancelAsync();
            await running;
        }

        await using var last = await StoreProcess.StartAsync(directory.FullName, Cancellation);
        await using var survivor = await EtcdStore.OpenAsync(Options(last), Cancellation);
        var events = (await Watching.CollectAsync(survivor, new(Watching.Everything, 2), Cancellation)).SelectMany(static batch => batch.Events).ToList();
        Assert.True(events.Count > Rounds, $"only {events.Count} events in {Rounds} rounds");
        _ = Linearizability.Check(traffic.Operations, events);
        last.Kill();
        directory.Delete(recursive: true);
    }

    private static EtcdStoreOptions Options(StoreProcess server) => new()
    {
        Endpoints = [server.Endpoint],
        RetryTimeout = TimeSpan.Zero,
        AttemptTimeout = TimeSpan.FromSeconds(10),
    };
}
