using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Fleet.Projects;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Tests.Clusters;

public sealed class ClusterCommandsTests : IAsyncLifetime
{
    private FleetFixture fleet = null!;
    private Project project = null!;
    private ClusterCommands commands = null!;

    public async ValueTask InitializeAsync()
    {
        fleet = await FleetFixture.CreateAsync();
        project = await fleet.AddProjectAsync();
        commands = fleet.Get<ClusterCommands>();
    }

    public ValueTask DisposeAsync() => fleet.DisposeAsync();

    [Fact]
    public async Task A_new_cluster_is_written_with_its_operation_and_an_audit_entry()
    {
        await fleet.AddMachineAsync();

        var started = await CreateAsync("blue", ClusterPurpose.Dev, 2);

        await using var context = fleet.Context();
        var cluster = await context.Clusters.SingleAsync();
        Assert.Equal((started.Value!.ClusterId, "blue", 3, 2, ClusterState.Creating), (cluster.Id, cluster.Name, cluster.Masters, cluster.Workers, cluster.State));
        var operation = await context.Operations.SingleAsync();
        Assert.Equal((started.Value.OperationId, OperationKind.CreateCluster, OperationState.Pending, cluster.MachineId), (operation.Id, operation.Kind, operation.State, operation.MachineId));
        Assert.Contains(await context.AuditEntries.ToListAsync(), entry => entry is { Action: "cluster.create", Target: "blue" });
    }

    [Theory]
    [InlineData("", "name.required", "name")]
    [InlineData("Blue", "name.invalid", "name")]
    [InlineData("1blue", "name.invalid", "name")]
    [InlineData("blue-", "name.invalid", "name")]
    [InlineData("a23456789012345678901234567890123456789012", "name.invalid", "name")]
    public async Task An_invalid_name_is_refused_at_its_field(string name, string code, string field) =>
        await AssertRefusedAsync(CreateAsync(name), code, field);

    [Theory, InlineData(-1), InlineData(101)]
    public async Task An_impossible_number_of_workers_is_refused(int workers) =>
        await AssertRefusedAsync(CreateAsync("blue", workers: workers), "workers.invalid", "workers");

    [Fact]
    public async Task A_name_is_taken_once_even_when_two_ask_at_the_same_moment()
    {
        await fleet.AddMachineAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CreateAsync("blue")));

        Assert.Single(outcomes, outcome => outcome.Succeeded);
        Assert.All(outcomes.Where(outcome => !outcome.Succeeded), outcome => Assert.Equal("name.taken", outcome.Error!.Code));
    }

    [Fact]
    public async Task Quota_ends_what_a_project_gets()
    {
        await fleet.AddMachineAsync(capacity: 500);
        await fleet.Get<ProjectCommands>().SetQuotaAsync(project.Id, clusters: 2, workers: 3, Actor.System, CancellationToken.None);

        Assert.True((await CreateAsync("one", workers: 2)).Succeeded);
        await AssertRefusedAsync(CreateAsync("two", workers: 2), "quota.workers", "workers");
        Assert.True((await CreateAsync("two", workers: 1)).Succeeded);
        await AssertRefusedAsync(CreateAsync("three", workers: 0), "quota.clusters", "name");
    }

    [Fact]
    public async Task Without_a_machine_with_room_nothing_is_made()
    {
        await AssertRefusedAsync(CreateAsync("blue"), "machine.no-room", null);
        await fleet.AddMachineAsync(capacity: 2);
        await AssertRefusedAsync(CreateAsync("blue", workers: 2), "machine.no-room", null);

        await using var context = fleet.Context();
        Assert.Empty(await context.Clusters.ToListAsync());
        Assert.Empty(await context.Operations.ToListAsync());
    }

    [Fact]
    public async Task The_machine_with_the_most_room_takes_the_cluster()
    {
        await fleet.AddMachineAsync("small", capacity: 5);
        var large = await fleet.AddMachineAsync("large", capacity: 9);

        await CreateAsync("blue");

        await using var context = fleet.Context();
        Assert.Equal(large.Id, (await context.Clusters.SingleAsync()).MachineId);
    }

    [Fact]
    public async Task A_cluster_takes_one_operation_at_a_time()
    {
        await fleet.AddMachineAsync();
        var cluster = (await CreateAsync("blue")).Value!.ClusterId;

        await AssertRefusedAsync(commands.RepairAsync(cluster, Actor.System, default), "cluster.busy", null);
        await FinishAsync(cluster, ClusterState.Ready);
        Assert.True((await commands.RepairAsync(cluster, Actor.System, default)).Succeeded);
    }

    [Fact]
    public async Task Deleting_cancels_what_is_under_way_but_not_another_deletion()
    {
        await fleet.AddMachineAsync();
        var cluster = (await CreateAsync("blue")).Value!.ClusterId;

        Assert.True((await commands.DeleteAsync(cluster, "blue", false, Actor.System, default)).Succeeded);
        await AssertRefusedAsync(commands.DeleteAsync(cluster, "blue", false, Actor.System, default), "cluster.busy", null);

        await using var context = fleet.Context();
        Assert.Equal(
            [(OperationKind.CreateCluster, OperationState.Cancelled), (OperationKind.DeleteCluster, OperationState.Pending)],
            (await context.Operations.OrderBy(o => o.CreatedAt).ToListAsync()).Select(o => (o.Kind, o.State)));
    }

    [Fact]
    public async Task A_user_does_not_lose_a_race_against_the_provisioner()
    {
        await fleet.AddMachineAsync();
        var cluster = (await CreateAsync("blue")).Value!.ClusterId;
        await using var provisioner = fleet.Context();
        await using var writing = await provisioner.Database.BeginTransactionAsync();
        await provisioner.Clusters.Where(c => c.Id == cluster).ExecuteUpdateAsync(c => c.SetProperty(x => x.State, ClusterState.Ready));

        var deleting = commands.DeleteAsync(cluster, "blue", false, Actor.System, default);
        await using var waits = fleet.Context();
        while (!await waits.Database.SqlQuery<bool>($"""SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted) AS "Value" """).SingleAsync())
        {
            await Task.Delay(10);
        }
        await writing.CommitAsync();

        Assert.True((await deleting).Succeeded);
    }

    [Fact]
    public async Task Deleting_needs_the_typed_name_and_no_protection()
    {
        await fleet.AddMachineAsync();
        var cluster = (await CreateAsync("blue")).Value!.ClusterId;
        await FinishAsync(cluster, ClusterState.Ready);

        await AssertRefusedAsync(commands.DeleteAsync(cluster, "green", false, Actor.System, default), "name.mismatch", "confirmName");
        await commands.ProtectAsync(cluster, true, Actor.System, default);
        await AssertRefusedAsync(commands.DeleteAsync(cluster, "blue", false, Actor.System, default), "cluster.protected", null);
    }

    [Fact]
    public async Task Who_is_no_member_is_told_that_there_is_nothing_and_a_viewer_may_not_change()
    {
        await fleet.AddMachineAsync();
        var (stranger, viewer) = (await fleet.AddUserAsync("stranger"), await fleet.AddUserAsync("viewer"));
        await fleet.Get<ProjectCommands>().SetMemberAsync(project.Id, viewer.UserId!.Value, ProjectRole.Viewer, Actor.System, default);
        var cluster = (await CreateAsync("blue")).Value!.ClusterId;
        await FinishAsync(cluster, ClusterState.Ready);

        await AssertRefusedAsync(commands.RepairAsync(cluster, stranger, default), "cluster.not-found", null);
        await AssertRefusedAsync(commands.RepairAsync(cluster, viewer, default), "forbidden", null);
    }

    [Theory]
    [InlineData(ClusterState.Creating, OperationKind.ScaleCluster, false)]
    [InlineData(ClusterState.Ready, OperationKind.ScaleCluster, true)]
    [InlineData(ClusterState.Failed, OperationKind.RepairCluster, true)]
    [InlineData(ClusterState.Failed, OperationKind.DeleteCluster, true)]
    [InlineData(ClusterState.Deleted, OperationKind.DeleteCluster, false)]
    [InlineData(ClusterState.Deleted, OperationKind.UndeleteCluster, true)]
    [InlineData(ClusterState.Ready, OperationKind.WakeCluster, false)]
    [InlineData(ClusterState.Hibernated, OperationKind.WakeCluster, true)]
    public async Task A_state_allows_what_makes_sense_in_it(ClusterState state, OperationKind kind, bool allowed)
    {
        await fleet.AddMachineAsync();
        var id = (await CreateAsync("blue")).Value!.ClusterId;
        await using var context = fleet.Context();
        var cluster = await context.Clusters.SingleAsync(c => c.Id == id);
        cluster.State = state;

        Assert.Equal(allowed, ClusterRules.CheckState(cluster, kind) is null);
    }

    private Task<Outcome<StartedOperation>> CreateAsync(string name, ClusterPurpose purpose = ClusterPurpose.Personal, int workers = 1) =>
        commands.CreateAsync(new(project.Id, name, purpose, workers), Actor.System, CancellationToken.None);

    private async Task FinishAsync(string clusterId, ClusterState state)
    {
        await using var context = fleet.Context();
        await context.Operations.Where(o => o.ClusterId == clusterId)
            .ExecuteUpdateAsync(set => set.SetProperty(o => o.State, OperationState.Succeeded));
        await context.Clusters.Where(c => c.Id == clusterId).ExecuteUpdateAsync(set => set.SetProperty(c => c.State, state));
    }

    private static async Task AssertRefusedAsync(Task<Outcome<StartedOperation>> asked, string code, string? field)
    {
        var outcome = await asked;
        Assert.Equal((code, field), (outcome.Error?.Code, outcome.Error?.Field));
    }
}
