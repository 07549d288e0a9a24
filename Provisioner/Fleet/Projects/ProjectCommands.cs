using Flotilla.Provisioner.Fleet.Audit;
using Flotilla.Provisioner.Fleet.Schema;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Projects;

public sealed class ProjectCommands(IDbContextFactory<FleetDbContext> contexts, TimeProvider clock)
{
    /// <summary>Whoever makes a project is its admin.</summary>
    public async Task<Outcome<Project>> CreateAsync(string name, string? description, Actor actor, CancellationToken cancellationToken)
    {
        if (ResourceNames.Validate(name) is { } invalid) { return invalid; }
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var project = new Project { Name = name, Description = description, CreatedAt = clock.GetUtcNow() };
        context.Projects.Add(project);
        if (actor.UserId is { } userId) { context.Memberships.Add(Member(project.Id, userId, ProjectRole.Admin)); }
        context.Audit(actor, clock, "project.create", name, project.Id);
        return await context.TrySaveAsync(cancellationToken)
            ? project
            : new FleetError("name.taken", $"There already is a project named {name}.", "name");
    }

    /// <summary>Only when no cluster of it is left, deleted ones that can still be undeleted among them.</summary>
    public async Task<Outcome<Project>> DeleteAsync(Guid projectId, string confirmName, Actor actor, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await ProjectAccess.CheckAsync(context, projectId, actor, ProjectRole.Admin, cancellationToken) is { } refused) { return refused; }
        var project = await context.Projects.SingleAsync(p => p.Id == projectId, cancellationToken);
        if (confirmName != project.Name) { return new FleetError("name.mismatch", "Type the project's name to delete it.", "confirmName"); }
        if (await context.Clusters.AnyAsync(cluster => cluster.ProjectId == projectId && cluster.PurgedAt == null, cancellationToken))
        {
            return new FleetError("project.in-use", "The project still has clusters; delete and purge them first.");
        }
        context.Projects.Remove(project);
        context.Audit(actor, clock, "project.delete", project.Name, projectId);
        return await context.TrySaveAsync(cancellationToken)
            ? project
            : new FleetError("project.in-use", "The project has changed meanwhile; look again.");
    }

    /// <summary>Adds a member or changes a member's role.</summary>
    public async Task<Outcome<Membership>> SetMemberAsync(
        Guid projectId, Guid userId, ProjectRole role, Actor actor, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await ProjectAccess.CheckAsync(context, projectId, actor, ProjectRole.Admin, cancellationToken) is { } refused) { return refused; }
        if (await context.Users.FindAsync([userId], cancellationToken) is not { } user)
        {
            return new FleetError("user.not-found", "There is no such user.", "user");
        }
        var member = await context.Memberships.FindAsync([projectId, userId], cancellationToken);
        if (member is null) { context.Memberships.Add(member = Member(projectId, userId, role)); }
        else if (role != ProjectRole.Admin && await IsLastAdminAsync(context, member, cancellationToken)) { return LastAdmin; }
        member.Role = role;
        context.Audit(actor, clock, "project.member.set", user.UserName ?? userId.ToString(), projectId, role.ToString());
        await context.SaveChangesAsync(cancellationToken);
        return member;
    }

    public async Task<Outcome<Membership>> RemoveMemberAsync(Guid projectId, Guid userId, Actor actor, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await ProjectAccess.CheckAsync(context, projectId, actor, ProjectRole.Admin, cancellationToken) is { } refused) { return refused; }
        if (await context.Memberships.FindAsync([projectId, userId], cancellationToken) is not { } member)
        {
            return new FleetError("member.not-found", "The user is not a member of the project.", "user");
        }
        if (await IsLastAdminAsync(context, member, cancellationToken)) { return LastAdmin; }
        context.Memberships.Remove(member);
        context.Audit(actor, clock, "project.member.remove", userId.ToString(), projectId);
        await context.SaveChangesAsync(cancellationToken);
        return member;
    }

    /// <summary>For platform admins.</summary>
    public async Task<Outcome<Quota>> SetQuotaAsync(Guid projectId, int clusters, int workers, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.IsPlatformAdmin) { return new FleetError("forbidden", "Only platform admins set quotas."); }
        if (clusters < 0) { return new FleetError("quota.invalid", "The number of clusters cannot be negative.", "clusters"); }
        if (workers < 0) { return new FleetError("quota.invalid", "The number of workers cannot be negative.", "workers"); }
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Set<Quota>().FindAsync([projectId], cancellationToken) is not { } quota) { return ProjectAccess.NotFound; }
        (quota.Clusters, quota.Workers) = (clusters, workers);
        context.Audit(actor, clock, "project.quota.set", projectId.ToString(), projectId, $"{clusters} clusters, {workers} workers");
        await context.SaveChangesAsync(cancellationToken);
        return quota;
    }

    private static FleetError LastAdmin { get; } = new("member.last-admin", "A project keeps at least one admin.", "user");

    private static async Task<bool> IsLastAdminAsync(FleetDbContext context, Membership member, CancellationToken cancellationToken) =>
        member.Role == ProjectRole.Admin && !await context.Memberships.AnyAsync(
            other => other.ProjectId == member.ProjectId && other.UserId != member.UserId && other.Role == ProjectRole.Admin,
            cancellationToken);

    private Membership Member(Guid projectId, Guid userId, ProjectRole role) =>
        new() { ProjectId = projectId, UserId = userId, Role = role, CreatedAt = clock.GetUtcNow() };
}
