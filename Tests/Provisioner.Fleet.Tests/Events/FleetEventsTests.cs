using Flotilla.Provisioner.Fleet.Events;
using Flotilla.TestKit;

namespace Flotilla.Provisioner.Fleet.Tests.Events;

public sealed class FleetEventsTests : IAsyncLifetime
{
    private FleetFixture fleet = null!;
    private FleetEvents events = null!;

    public async ValueTask InitializeAsync()
    {
        fleet = await FleetFixture.CreateAsync();
        events = fleet.Get<FleetEvents>();
        await events.StartAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await events.StopAsync(default);
        await fleet.DisposeAsync();
    }

    [Fact]
    public async Task A_saved_change_is_told_to_every_subscriber()
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await using var first = events.SubscribeAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        await using var second = events.SubscribeAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        await ListeningAsync(first);
        await ListeningAsync(second);

        var project = await fleet.AddProjectAsync();

        Assert.Equal(new(FleetEntity.Project, project.Id.ToString(), null, project.Id), await NextAsync(first));
        Assert.Equal(project.Id.ToString(), (await NextAsync(second)).Id);
    }

    [Fact]
    public async Task A_change_that_is_rolled_back_is_never_told()
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await using var subscription = events.SubscribeAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        await ListeningAsync(subscription);

        await using (var context = fleet.Context())
        await using (await context.Database.BeginTransactionAsync())
        {
            context.Projects.Add(new() { Name = "undone", CreatedAt = DateTimeOffset.UnixEpoch });
            await context.SaveChangesAsync();
        }
        var project = await fleet.AddProjectAsync("done");

        Assert.Equal(project.Id.ToString(), (await NextAsync(subscription)).Id);
    }

    [Fact]
    public void An_event_is_read_as_it_was_written()
    {
        FleetEvent[] all = [new(FleetEntity.Operation, "1", "k3f9x2ab", Guid.CreateVersion7()), new(FleetEntity.Machine, "2"), FleetEvent.Everything];

        Assert.All(all, change => Assert.Equal(change, FleetEvent.Parse(change.ToString())));
        Assert.Null(FleetEvent.Parse("Something else"));
    }

    // LISTEN is in effect once a change comes through; what comes twice is skipped.
    private async Task ListeningAsync(IAsyncEnumerator<FleetEvent> subscription)
    {
        var next = subscription.MoveNextAsync().AsTask();
        Assert.Equal(FleetEntity.Everything, (await After(next, subscription)).Entity);
        next = subscription.MoveNextAsync().AsTask();
        while (!next.IsCompleted)
        {
            await using var context = fleet.Context();
            await FleetEvents.PublishAsync(context, [new(FleetEntity.Machine, "probe")], default);
            await Task.WhenAny(next, Task.Delay(50));
        }
        await next;
    }

    private static async Task<FleetEvent> NextAsync(IAsyncEnumerator<FleetEvent> subscription)
    {
        do { Assert.True(await subscription.MoveNextAsync()); }
        while (subscription.Current is { Id: "probe" } or { Entity: FleetEntity.Everything });
        return subscription.Current;
    }

    private static async Task<FleetEvent> After(Task<bool> next, IAsyncEnumerator<FleetEvent> subscription)
    {
        Assert.True(await next);
        return subscription.Current;
    }
}
