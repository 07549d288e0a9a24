using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Projects;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Tests.Projects;

public sealed class ProjectCommandsTests : IAsyncLifetime
{
    private FleetFixture fleet = null!;
    private ProjectCommands commands = null!;
    private Actor owner = null!;

    public async ValueTask InitializeAsync()
    {
        fleet = await FleetFixture.CreateAsync();
        commands = fleet.Get<ProjectCommands>();
        owner = await fleet.AddUserAsync("owner");
    }

    public ValueTask DisposeAsync() => fleet.DisposeAsync();

    [Fact]
    public async Task Whoever_makes_a_project_is_its_admin()
    {
        var project = await fleet.AddProjectAsync("shop", owner);

        await using var context = fleet.Context();
        Assert.Equal(ProjectRole.Admin, await ProjectAccess.RoleAsync(context, project.Id, owner, default));
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        await fleet.AddProjectAsync("shop", owner);

        var second = await commands.CreateAsync("shop", null, owner, default);

        Assert.Equal(("name.taken", "name"), (second.Error?.Code, second.Error?.Field));
    }

    [Fact]
    public async Task A_project_keeps_an_admin()
    {
        var project = await fleet.AddProjectAsync("shop", owner);

        Assert.Equal("member.last-admin", (await commands.RemoveMemberAsync(project.Id, owner.UserId!.Value, owner, default)).Error?.Code);
        Assert.Equal("member.last-admin", (await commands.SetMemberAsync(project.Id, owner.UserId.Value, ProjectRole.Viewer, owner, default)).Error?.Code);

        var other = await fleet.AddUserAsync("other");
        await commands.SetMemberAsync(project.Id, other.UserId!.Value, ProjectRole.Admin, owner, default);
        Assert.True((await commands.RemoveMemberAsync(project.Id, owner.UserId.Value, owner, default)).Succeeded);
    }

    [Fact]
    public async Task Only_admins_of_a_project_change_its_members_and_only_platform_admins_its_quota()
    {
        var project = await fleet.AddProjectAsync("shop", owner);
        var developer = await fleet.AddUserAsync("developer");
        await commands.SetMemberAsync(project.Id, developer.UserId!.Value, ProjectRole.Developer, owner, default);

        Assert.Equal("forbidden", (await commands.SetMemberAsync(project.Id, developer.UserId.Value, ProjectRole.Admin, developer, default)).Error?.Code);
        Assert.Equal("forbidden", (await commands.SetQuotaAsync(project.Id, 100, 100, owner, default)).Error?.Code);
        Assert.True((await commands.SetQuotaAsync(project.Id, 100, 100, Actor.System, default)).Succeeded);
    }

    [Fact]
    public async Task A_project_with_clusters_is_not_deleted()
    {
        var project = await fleet.AddProjectAsync("shop", owner);
        await fleet.AddMachineAsync();
        await fleet.Get<ClusterCommands>().CreateAsync(new(project.Id, "blue", ClusterPurpose.Personal, 0), owner, default);
        Assert.Equal("project.in-use", (await commands.DeleteAsync(project.Id, "shop", owner, default)).Error?.Code);
        Assert.Equal("name.mismatch", (await commands.DeleteAsync(project.Id, "shoe", owner, default)).Error?.Code);

        await using var context = fleet.Context();
        await context.Clusters.ExecuteUpdateAsync(set => set.SetProperty(c => c.PurgedAt, DateTimeOffset.UnixEpoch).SetProperty(c => c.DeletedAt, DateTimeOffset.UnixEpoch));
        Assert.True((await commands.DeleteAsync(project.Id, "shop", owner, default)).Succeeded);
        Assert.Empty(await context.Operations.ToListAsync());
    }
}
