using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Fleet.Tests;
using Flotilla.Provisioner.Machines;
using Flotilla.Provisioner.Plans.Tests;
using Flotilla.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Host.Tests;

/// <summary>The whole provisioner but its machine: PostgreSQL, Quartz' job store and LISTEN/NOTIFY are real.</summary>
public sealed class ProvisionerTests : IAsyncLifetime
{
    private readonly FakeMachine machine = new();
    private FleetFixture fleet = null!;

    public async ValueTask InitializeAsync() => fleet = await FleetFixture.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await machine.DisposeAsync();
        await fleet.DisposeAsync();
    }

    [Fact]
    public async Task A_machine_registers_and_carries_out_what_is_asked_of_it()
    {
        using var provisioner = await StartAsync();
        var started = await CreateAsync("blue");

        await WaitForAsync(started.ClusterId, ClusterState.Ready);

        await using var context = fleet.Context();
        Assert.Equal("test-machine", (await context.Machines.SingleAsync()).Name);
        await provisioner.StopAsync();
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Operations_left_by_a_provisioner_that_ended_are_finished_by_the_next(bool cutOff)
    {
        StartedOperation started;
        using (var first = await StartAsync())
        {
            var entered = new TaskCompletionSource();
            machine.Fault = verb =>
            {
                if (verb == "EnsureNode") { entered.TrySetResult(); }
                return verb == "EnsureNode" ? new MachineException("busy") : null;
            };
            started = await CreateAsync("blue");
            await entered.Task.WaitAsync(Eventually.Limit);
            await first.StopAsync(cutOff ? new(canceled: true) : CancellationToken.None);
        }
        machine.Fault = _ => null;

        using var second = await StartAsync();
        await WaitForAsync(started.ClusterId, ClusterState.Ready);
        await second.StopAsync();
    }

    [Fact]
    public async Task Deleting_a_cluster_interrupts_its_stuck_creation()
    {
        using var provisioner = await StartAsync();
        var entered = new TaskCompletionSource();
        machine.Fault = verb =>
        {
            if (verb != "EnsureNode") { return null; }
            entered.TrySetResult();
            return new MachineException("busy");
        };
        var started = await CreateAsync("blue");
        await entered.Task.WaitAsync(Eventually.Limit);

        var deletion = await fleet.Get<ClusterCommands>().DeleteAsync(started.ClusterId, "blue", now: true, Actor.System, default);

        Assert.Null(deletion.Error);
        await Eventually.TrueAsync(
            async () =>
            {
                await using var context = fleet.Context();
                return await context.Operations.AnyAsync(o => o.Id == deletion.Value!.OperationId && o.State == OperationState.Succeeded);
            },
            "the deletion is done");
        await using var after = fleet.Context();
        Assert.Equal(OperationState.Cancelled, (await after.Operations.SingleAsync(o => o.Id == started.OperationId)).State);
        Assert.Empty(machine.ControlPlanes);
        await provisioner.StopAsync();
    }

    [Fact]
    public async Task A_control_plane_that_dies_is_started_again()
    {
        using var provisioner = await StartAsync();
        var started = await CreateAsync("blue");
        await WaitForAsync(started.ClusterId, ClusterState.Ready);

        await machine.StopControlPlaneAsync(new(started.ClusterId), default);

        await Eventually.TrueAsync(() => machine.ControlPlanes.Count == 1, "the control plane runs again");
        await provisioner.StopAsync();
    }

    [Fact]
    public async Task Clusters_go_on_when_the_provisioner_stops()
    {
        using var provisioner = await StartAsync();
        var started = await CreateAsync("blue");
        await WaitForAsync(started.ClusterId, ClusterState.Ready);

        await provisioner.StopAsync();

        Assert.Single(machine.ControlPlanes);
        Assert.Single(machine.Nodes);
    }

    private async Task<IHost> StartAsync()
    {
        var host = ProvisionerApp.Build(
            new()
            {
                Home = fleet.Options.Home,
                Database = fleet.Options.Database,
                BinDirectory = "/nowhere",
                MachineName = "test-machine",
                GatewayPort = 0,
            },
            services => services.AddSingleton<IMachine>(machine).AddLogging(logging => logging.ClearProviders()));
        await host.StartAsync();
        return host;
    }

    private async Task<StartedOperation> CreateAsync(string name)
    {
        await using var context = fleet.Context();
        var project = await context.Projects.FirstOrDefaultAsync() ?? await fleet.AddProjectAsync();
        var created = await fleet.Get<ClusterCommands>().CreateAsync(new(project.Id, name, ClusterPurpose.Personal, 1), Actor.System, default);
        Assert.Null(created.Error);
        return created.Value!;
    }

    private Task WaitForAsync(string clusterId, ClusterState state) => Eventually.TrueAsync(
        async () =>
        {
            await using var context = fleet.Context();
            return await context.Clusters.AnyAsync(cluster => cluster.Id == clusterId && cluster.State == state)
                && await context.Operations.AllAsync(operation => operation.State == OperationState.Succeeded);
        },
        $"cluster {clusterId} is {state}",
        TimeSpan.FromSeconds(30));
}
