using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Projects;

/// <summary>Who may do what in a project. Who is no member is told that it is not there.</summary>
public static class ProjectAccess
{
    public static FleetError NotFound { get; } = new("project.not-found", "There is no such project.");

    public static async Task<FleetError?> CheckAsync(
        FleetDbContext context, Guid projectId, Actor actor, ProjectRole needed, CancellationToken cancellationToken)
    {
        var role = await RoleAsync(context, projectId, actor, cancellationToken);
        if (role is null) { return NotFound; }
        return role >= needed ? null : new("forbidden", $"This needs the role {Name(needed)} in the project; yours is {Name(role.Value)}.");
    }

    /// <summary>The actor's role in a project that exists; platform admins are admins everywhere.</summary>
    public static async Task<ProjectRole?> RoleAsync(
        FleetDbContext context, Guid projectId, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.IsPlatformAdmin)
        {
            return await context.Projects.AnyAsync(project => project.Id == projectId, cancellationToken) ? ProjectRole.Admin : null;
        }
        return await context.Memberships
            .Where(membership => membership.ProjectId == projectId && membership.UserId == actor.UserId)
            .Select(membership => (ProjectRole?)membership.Role)
            .SingleOrDefaultAsync(cancellationToken);
    }

    private static string Name(ProjectRole role) => role.ToString().ToLowerInvariant();
}
