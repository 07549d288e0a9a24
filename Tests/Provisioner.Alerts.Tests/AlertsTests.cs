using System.Net;
using System.Text;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Provisioner.Alerts.Channels;
using Flotilla.Provisioner.Alerts.Delivery;
using Flotilla.Provisioner.Alerts.Rules;
using Flotilla.Provisioner.Alerts.Tests.Delivery;
using Flotilla.Provisioner.Alerts.Watching;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Projects;
using Flotilla.Provisioner.Fleet.Tests;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Flotilla.Provisioner.Alerts.Tests;

/// <summary>From what happens in a cluster to what a receiver gets, over a real PostgreSQL.</summary>
public sealed class AlertsTests : IAsyncLifetime, IClusterConnections
{
    private readonly FakeApi api = new();
    private FleetFixture fleet = null!;
    private Receiver receiver = null!;
    private Project project = null!;
    private Cluster cluster = null!;

    public async ValueTask InitializeAsync()
    {
        fleet = await FleetFixture.CreateAsync(configure: services => services.AddSingleton<IClusterConnections>(this).AddAlerts());
        receiver = await Receiver.StartAsync();
        project = await fleet.AddProjectAsync();
        await fleet.AddMachineAsync();
        var started = await fleet.Get<ClusterCommands>().CreateAsync(new(project.Id, "blue", ClusterPurpose.Personal, 1), Actor.System, default);
        await using var context = fleet.Context();
        cluster = await context.Clusters.SingleAsync(c => c.Id == started.Value!.ClusterId);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in fleet.Services.GetServices<IHostedService>()) { await service.StopAsync(default); }
        await fleet.DisposeAsync();
        await receiver.DisposeAsync();
    }

    public Task<IReadOnlyList<Cluster>> ListAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Cluster>>([cluster]);

    public ApiClient Connect(Cluster cluster) => api.Client();

    [Fact]
    public async Task A_new_deployment_reaches_the_webhook_signed_as_new_app_and_then_as_deployed()
    {
        var secret = (await AddChannelAsync()).Secret!;
        foreach (var service in fleet.Services.GetServices<IHostedService>()) { await service.StartAsync(default); }

        var deployment = new Deployment { Metadata = A.Meta("web") with { CreationTimestamp = TimeProvider.System.GetUtcNow() }, Spec = new() { Replicas = 1 } };
        api.Put(Kinds.Deployments, deployment);
        await Eventually.TrueAsync(() => receiver.Received.Count == 1, "new-app is received");
        deployment.Status = new() { ObservedGeneration = 1, Replicas = 1, UpdatedReplicas = 1, AvailableReplicas = 1 };
        api.Put(Kinds.Deployments, deployment);
        await Eventually.TrueAsync(() => receiver.Received.Count == 2, "deployed is received");

        Assert.Equal(["new-app", "deployed"], receiver.Received.Select(message => (string?)System.Text.Json.Nodes.JsonNode.Parse(message.Body)!["type"]));
        Assert.All(receiver.Received, message => Assert.Equal(
            WebhookSignature.Compute(secret, message.Headers["webhook-id"], long.Parse(message.Headers["webhook-timestamp"]), Encoding.UTF8.GetBytes(message.Body)),
            message.Headers["webhook-signature"]));
    }

    [Fact]
    public async Task News_is_told_once_however_often_and_by_however_many_it_is_seen()
    {
        await AddChannelAsync();
        var book = fleet.Get<AlertBook>();

        var raised = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => book.RaiseAsync(cluster, News("new-app/1"), default)));

        Assert.Single(raised, told => told);
        await using var context = fleet.Context();
        Assert.Equal((1, 1), (await context.Alerts.CountAsync(), await context.AlertDeliveries.CountAsync()));
    }

    [Fact]
    public async Task A_channel_that_is_switched_off_is_told_nothing()
    {
        var channel = await AddChannelAsync();
        await fleet.Get<AlertChannelCommands>().SetEnabledAsync(channel.Channel.Id, false, Actor.System, default);

        await fleet.Get<AlertBook>().RaiseAsync(cluster, News("new-app/1"), default);

        await using var context = fleet.Context();
        Assert.Equal((1, 0), (await context.Alerts.CountAsync(), await context.AlertDeliveries.CountAsync()));
    }

    [Fact]
    public async Task A_receiver_that_fails_is_tried_again_later_with_the_same_id()
    {
        await AddChannelAsync();
        await fleet.Get<AlertBook>().RaiseAsync(cluster, News("new-app/1"), default);
        receiver.Answer = HttpStatusCode.InternalServerError;

        await fleet.Get<DeliveryPump>().DeliverDueAsync(default);

        var delivery = await DeliveryAsync();
        Assert.Equal((DeliveryState.Pending, 1, 500), (delivery.State, delivery.Attempts, delivery.ResponseStatus));
        Assert.True(delivery.NextAttemptAt > TimeProvider.System.GetUtcNow());
        Assert.Equal(0, await fleet.Get<DeliveryPump>().DeliverDueAsync(default));

        receiver.Answer = HttpStatusCode.OK;
        await MakeDueAsync();
        await fleet.Get<DeliveryPump>().DeliverDueAsync(default);

        delivery = await DeliveryAsync();
        Assert.Equal((DeliveryState.Delivered, 2, null), (delivery.State, delivery.Attempts, delivery.LastError));
        Assert.Single(receiver.Received.Select(message => message.Headers["webhook-id"]).Distinct());
    }

    [Fact]
    public async Task An_unreachable_receiver_leaves_its_reason_on_record()
    {
        await AddChannelAsync("http://127.0.0.1:1/nobody");
        await fleet.Get<AlertBook>().RaiseAsync(cluster, News("new-app/1"), default);

        await fleet.Get<DeliveryPump>().DeliverDueAsync(default);

        var delivery = await DeliveryAsync();
        Assert.Equal((DeliveryState.Pending, null), (delivery.State, delivery.ResponseStatus));
        Assert.Contains("refused", delivery.LastError);
    }

    [Theory, InlineData(HttpStatusCode.Gone, 1), InlineData(HttpStatusCode.BadGateway, 9)]
    public async Task A_delivery_is_given_up_in_the_end(HttpStatusCode answer, int attempts)
    {
        await AddChannelAsync();
        await fleet.Get<AlertBook>().RaiseAsync(cluster, News("new-app/1"), default);
        receiver.Answer = answer;

        for (var attempt = 0; attempt < attempts; attempt++)
        {
            Assert.Equal(DeliveryState.Pending, (await DeliveryAsync()).State);
            await MakeDueAsync();
            await fleet.Get<DeliveryPump>().DeliverDueAsync(default);
        }

        Assert.Equal((DeliveryState.Failed, attempts), ((await DeliveryAsync()).State, (await DeliveryAsync()).Attempts));
    }

    [Fact]
    public async Task A_test_message_goes_to_its_channel_alone()
    {
        var channel = await AddChannelAsync();
        await AddChannelAsync("http://127.0.0.1:1/other", "other");

        await fleet.Get<AlertChannelCommands>().TestAsync(channel.Channel.Id, Actor.System, default);
        await fleet.Get<DeliveryPump>().DeliverDueAsync(default);

        Assert.Equal(DeliveryState.Delivered, (await DeliveryAsync()).State);
        Assert.Single(receiver.Received);
    }

    private async Task<CreatedAlertChannel> AddChannelAsync(string? url = null, string name = "ops") =>
        (await fleet.Get<AlertChannelCommands>().CreateAsync(
            new(project.Id, name, ChannelKind.Webhook, url ?? receiver.Url), Actor.System, default)).Value!;

    private static ClusterNews News(string key) => new("new-app", key, AlertSeverity.Info, "New app web", "It is new.", "Deployment", "default", "web");

    private async Task<AlertDelivery> DeliveryAsync()
    {
        await using var context = fleet.Context();
        return await context.AlertDeliveries.SingleAsync();
    }

    private async Task MakeDueAsync()
    {
        await using var context = fleet.Context();
        var now = TimeProvider.System.GetUtcNow();
        await context.AlertDeliveries.ExecuteUpdateAsync(set => set.SetProperty(delivery => delivery.NextAttemptAt, now));
    }
}
