using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Fleet.Projects;
using Flotilla.Provisioner.Fleet.Tests;
using Flotilla.Provisioner.Machines;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Provisioner.Plans.Tests.Clusters;

/// <summary>Operations from the user's command to the cluster's end state, over a real PostgreSQL.</summary>
public sealed class OperationTests : IAsyncLifetime
{
    private readonly FakeMachine machine = new();
    private FleetFixture fleet = null!;
    private ClusterCommands commands = null!;
    private Project project = null!;

    public async ValueTask InitializeAsync()
    {
        fleet = await FleetFixture.CreateAsync(configure: services => services.AddSingleton<IMachine>(machine).AddPlans());
        commands = fleet.Get<ClusterCommands>();
        project = await fleet.AddProjectAsync();
        await fleet.AddMachineAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await machine.DisposeAsync();
        await fleet.DisposeAsync();
    }

    [Fact]
    public async Task A_created_cluster_is_ready_with_its_nodes_and_every_step_is_on_record()
    {
        var cluster = await CreateAsync(workers: 2);

        Assert.Equal(ClusterState.Ready, cluster.State);
        Assert.Equal(["master-0 Ready", "worker-1 Ready", "worker-2 Ready"], Nodes(cluster));
        Assert.NotNull(machine.Networks[cluster.Id]);
        var operation = await LastOperationAsync(cluster.Id);
        Assert.Equal((OperationState.Succeeded, 100, null), (operation.State, operation.Progress, operation.ErrorCode));
        Assert.Equal(
            ["allocate", "network", "control-plane 0", "ready 0", "access", "worker-1", "worker-2"],
            operation.Steps.OrderBy(step => step.Position).Select(step => step.Name));
        Assert.All(operation.Steps, step => Assert.True(step is { State: StepState.Succeeded, Attempts: 1, StartedAt: not null, FinishedAt: not null }));
    }

    [Fact]
    public async Task Project_roles_are_bound_in_the_new_cluster()
    {
        var cluster = await CreateAsync(workers: 0);

        Assert.Equal(2, machine.ControlPlane(cluster.Id).Requests.Count(request => request.StartsWith("POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings")));
    }

    [Fact]
    public async Task Several_masters_have_an_etcd_member_each_and_share_their_keys()
    {
        var started = await commands.CreateAsync(new(project.Id, "blue", ClusterPurpose.Dev, 2), Actor.System, default);
        var cluster = await RunAsync(started);

        Assert.Equal((ClusterState.Ready, 3), (cluster.State, machine.ControlPlanes.Count));
        Assert.Equal(3, machine.Etcd.Count);
        var ports = machine.Etcd.Values.SelectMany(etcd => new[] { etcd.ClientPort, etcd.PeerPort }).Concat([cluster.Port!.Value, cluster.Port.Value + 1, cluster.Port.Value + 2]);
        Assert.Equal(Enumerable.Range(cluster.Port.Value, 9), ports.Order());
        Assert.Single(machine.Etcd.Values.Select(etcd => etcd.InitialCluster).Distinct());

        await RunAsync(await commands.DeleteAsync(cluster.Id, "blue", now: true, Actor.System, default));
        Assert.Empty(machine.Etcd);
        Assert.Empty(machine.ControlPlanes);
    }

    [Fact]
    public async Task Two_clusters_share_nothing()
    {
        var blue = await CreateAsync("blue");
        var green = await CreateAsync("green");

        Assert.NotEqual(blue.Port, green.Port);
        Assert.NotEqual(blue.NetworkIndex, green.NetworkIndex);
        Assert.NotEqual(blue.CaCertificate, green.CaCertificate);
    }

    [Fact]
    public async Task A_creation_that_fails_leaves_nothing_on_the_machine_and_says_who_can_fix_it()
    {
        machine.Fault = verb => verb == "EnsureNode" ? new MachineException("containerd is missing; run deploy/up.") : null;

        var cluster = await CreateAsync();

        Assert.Equal(ClusterState.Failed, cluster.State);
        Assert.Empty(machine.Networks);
        Assert.Empty(machine.ControlPlanes);
        Assert.Empty(cluster.Nodes);
        Assert.Null(cluster.Port);
        Assert.Contains(cluster.Id, machine.Purged);
        var operation = await LastOperationAsync(cluster.Id);
        Assert.Equal((OperationState.Failed, "machine.refused", ErrorFixer.Operator), (operation.State, operation.ErrorCode, operation.ErrorFixer));
        Assert.Contains("containerd", operation.ErrorMessage);
    }

    [Fact]
    public async Task What_the_machine_lacks_is_told_before_anything_is_made()
    {
        machine.Problems = ["/usr/bin/containerd is missing; run deploy/up to install it."];

        var cluster = await CreateAsync();

        Assert.Equal((ClusterState.Failed, null), (cluster.State, cluster.Port));
        var operation = await LastOperationAsync(cluster.Id);
        Assert.Equal(("machine.not-ready", machine.Problems[0]), (operation.ErrorCode, operation.ErrorMessage));
        Assert.Equal(1, operation.Steps.Single(step => step.Name == "allocate").Attempts);
    }

    [Fact]
    public async Task A_failed_creation_is_repaired_once_its_cause_is_gone()
    {
        machine.Fault = verb => verb == "EnsureNode" ? new MachineException("no") : null;
        var cluster = await CreateAsync();
        machine.Fault = _ => null;

        cluster = await RunAsync(await commands.RepairAsync(cluster.Id, Actor.System, default));

        Assert.Equal(ClusterState.Ready, cluster.State);
        Assert.Equal(["master-0 Ready", "worker-1 Ready"], Nodes(cluster));
    }

    [Theory, InlineData("EnsureClusterNetwork"), InlineData("EnsureControlPlane"), InlineData("EnsureNode")]
    public async Task A_crash_at_any_step_is_continued_by_the_next_run(string verb)
    {
        var started = (await commands.CreateAsync(new(project.Id, "blue", ClusterPurpose.Personal, 1), Actor.System, default)).Value!;
        using var crash = new CancellationTokenSource();
        machine.Fault = called =>
        {
            if (called != verb) { return null; }
            crash.Cancel();
            return new OperationCanceledException(crash.Token);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fleet.Get<OperationRunner>().RunAsync(started.OperationId, crash.Token));
        machine.Fault = _ => null;

        await fleet.Get<OperationRunner>().RunAsync(started.OperationId, default);

        var operation = await LastOperationAsync(started.ClusterId);
        Assert.Equal((OperationState.Succeeded, 2), (operation.State, operation.Attempts));
        Assert.Equal(1, operation.Steps.Single(step => step.Name == "allocate").Attempts);
    }

    [Fact]
    public async Task A_cluster_whose_creation_is_under_way_can_be_deleted()
    {
        var started = (await commands.CreateAsync(new(project.Id, "blue", ClusterPurpose.Personal, 1), Actor.System, default)).Value!;
        using var interrupt = new CancellationTokenSource();
        Outcome<StartedOperation>? deletion = null;
        machine.Fault = verb =>
        {
            if (verb != "EnsureNode" || deletion is not null) { return null; }
            deletion = commands.DeleteAsync(started.ClusterId, "blue", now: true, Actor.System, default).GetAwaiter().GetResult();
            interrupt.Cancel();
            return new OperationCanceledException(interrupt.Token);
        };

        await fleet.Get<OperationRunner>().RunAsync(started.OperationId, interrupt.Token);
        await using (var context = fleet.Context())
        {
            var creation = await context.Operations.Include(o => o.Steps).SingleAsync(o => o.Id == started.OperationId);
            Assert.Equal((OperationState.Cancelled, "operation.cancelled"), (creation.State, creation.ErrorCode));
            Assert.DoesNotContain(creation.Steps, step => step.State == StepState.Running);
        }
        var cluster = await RunAsync(deletion!.Value);

        Assert.Equal((ClusterState.Deleted, true), (cluster.State, cluster.PurgedAt is not null));
        Assert.Empty(machine.ControlPlanes);
        Assert.Empty(machine.Networks);
    }

    [Fact]
    public async Task A_step_that_ends_after_the_cancellation_changes_nothing_any_more()
    {
        var started = (await commands.CreateAsync(new(project.Id, "blue", ClusterPurpose.Personal, 1), Actor.System, default)).Value!;
        machine.Fault = verb =>
        {
            if (verb == "EnsureNode") { commands.DeleteAsync(started.ClusterId, "blue", now: false, Actor.System, default).GetAwaiter().GetResult(); }
            return null;
        };

        await fleet.Get<OperationRunner>().RunAsync(started.OperationId, default);

        var deletion = await LastOperationAsync(started.ClusterId);
        Assert.Equal((OperationKind.DeleteCluster, OperationState.Pending), (deletion.Kind, deletion.State));
        Assert.Equal(ClusterState.Deleting, (await ReadAsync(started.ClusterId)).State);
    }

    [Fact]
    public async Task A_deleted_cluster_is_gone_from_the_machine_and_can_be_undeleted_as_it_was()
    {
        var before = await CreateAsync(workers: 2);

        var deleted = await RunAsync(await commands.DeleteAsync(before.Id, "blue", now: false, Actor.System, default));

        Assert.Equal((ClusterState.Deleted, true, true), (deleted.State, deleted.DeletedAt is not null, deleted.PurgeAt > deleted.DeletedAt));
        Assert.Empty(machine.Networks);
        Assert.Empty(machine.ControlPlanes);
        Assert.Empty(machine.Nodes);
        Assert.Empty(machine.Purged);

        var after = await RunAsync(await commands.UndeleteAsync(before.Id, Actor.System, default));

        Assert.Equal(ClusterState.Ready, after.State);
        Assert.Equal((before.Port, before.NetworkIndex, before.CaCertificate), (after.Port, after.NetworkIndex, after.CaCertificate));
        Assert.Equal(3, after.Nodes.Count);
    }

    [Fact]
    public async Task A_cluster_deleted_now_leaves_no_data_and_frees_its_name()
    {
        var cluster = await CreateAsync();

        var deleted = await RunAsync(await commands.DeleteAsync(cluster.Id, "blue", now: true, Actor.System, default));

        Assert.NotNull(deleted.PurgedAt);
        Assert.Null(deleted.Port);
        Assert.Contains(cluster.Id, machine.Purged);
        Assert.Equal("cluster.state", (await commands.UndeleteAsync(cluster.Id, Actor.System, default)).Error!.Code);
        Assert.Equal(ClusterState.Ready, (await CreateAsync()).State);
    }

    [Fact]
    public async Task Scaling_adds_and_removes_nodes_from_the_end()
    {
        var cluster = await CreateAsync(workers: 1);

        cluster = await RunAsync(await commands.ScaleAsync(cluster.Id, 3, Actor.System, default));
        Assert.Equal(["master-0 Ready", "worker-1 Ready", "worker-2 Ready", "worker-3 Ready"], Nodes(cluster));

        machine.ControlPlane(cluster.Id).Pods["web-0"] = true;
        cluster = await RunAsync(await commands.ScaleAsync(cluster.Id, 1, Actor.System, default));
        Assert.Empty(machine.ControlPlane(cluster.Id).Pods);
        Assert.Equal(["master-0 Ready", "worker-1 Ready"], Nodes(cluster));
        Assert.Single(machine.Nodes);
        Assert.Contains($"{cluster.Id}/worker-3", machine.Purged);
        Assert.Contains(machine.ControlPlane(cluster.Id).Requests, request => request.StartsWith("DELETE /api/v1/nodes/worker-2"));
    }

    [Fact]
    public async Task Scaling_that_fails_keeps_the_nodes_there_were()
    {
        var cluster = await CreateAsync(workers: 1);
        machine.Fault = verb => verb == "EnsureNode" && machine.Nodes.Count >= 2 ? new MachineException("full") : null;

        cluster = await RunAsync(await commands.ScaleAsync(cluster.Id, 3, Actor.System, default));

        Assert.Equal((ClusterState.Degraded, 1), (cluster.State, cluster.Workers));
        Assert.Equal("worker-1", Assert.Single(machine.Nodes.Keys).Name);
    }

    [Fact]
    public async Task A_hibernated_cluster_runs_nothing_and_wakes_again()
    {
        var cluster = await CreateAsync();

        cluster = await RunAsync(await commands.HibernateAsync(cluster.Id, Actor.System, default));
        Assert.Equal(ClusterState.Hibernated, cluster.State);
        Assert.Empty(machine.ControlPlanes);
        Assert.Empty(machine.Nodes);

        cluster = await RunAsync(await commands.WakeAsync(cluster.Id, Actor.System, default));
        Assert.Equal(ClusterState.Ready, cluster.State);
    }

    [Fact]
    public async Task The_supervisor_starts_again_what_died_and_records_what_it_sees()
    {
        var supervisor = fleet.Get<Plans.Clusters.ClusterSupervisor>();
        var cluster = await CreateAsync(workers: 1);
        await machine.StopControlPlaneAsync(new(cluster.Id), default);
        machine.Nodes.Clear();

        var dead = await supervisor.FindDeadAsync(cluster, default);
        Assert.Equal(["master-0", "worker-1"], dead.Select(node => node.Name));
        await supervisor.RecordAsync(cluster.Id, await supervisor.ProbeAsync(cluster, default), default);
        Assert.Equal(ClusterState.Degraded, (await ReadAsync(cluster.Id)).State);

        await supervisor.RestartAsync(cluster, dead, default);
        await supervisor.RecordAsync(cluster.Id, await supervisor.ProbeAsync(cluster, default), default);
        cluster = await ReadAsync(cluster.Id);
        Assert.Equal(ClusterState.Ready, cluster.State);
        Assert.All(cluster.Conditions, condition => Assert.True(condition.Status));
    }

    private async Task<Cluster> CreateAsync(string name = "blue", int workers = 1) =>
        await RunAsync(await commands.CreateAsync(new(project.Id, name, ClusterPurpose.Personal, workers), Actor.System, default));

    private async Task<Cluster> RunAsync(Outcome<StartedOperation> started)
    {
        Assert.Null(started.Error);
        await fleet.Get<OperationRunner>().RunAsync(started.Value!.OperationId, default);
        return await ReadAsync(started.Value.ClusterId);
    }

    private async Task<Cluster> ReadAsync(string id)
    {
        await using var context = fleet.Context();
        return await context.Clusters.Include(cluster => cluster.Nodes).SingleAsync(cluster => cluster.Id == id);
    }

    private async Task<Operation> LastOperationAsync(string clusterId)
    {
        await using var context = fleet.Context();
        return await context.Operations.Include(o => o.Steps).Where(o => o.ClusterId == clusterId).OrderByDescending(o => o.CreatedAt).FirstAsync();
    }

    private static IEnumerable<string> Nodes(Cluster cluster) =>
        cluster.Nodes.OrderBy(node => node.Role).ThenBy(node => node.Index).Select(node => $"{node.Name} {node.State}");
}
