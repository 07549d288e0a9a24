using Flotilla.Portal.Contracts;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Projects;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Portal.Web.Views;

internal sealed class ProjectViews(IDbContextFactory<FleetDbContext> contexts)
{
    public async Task<IReadOnlyList<ProjectView>> ListAsync(Actor actor, CancellationToken cancellationToken, string? name = null)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.ProjectsOf(actor)
            .Where(project => name == null || project.Name == name)
            .OrderBy(project => project.Name)
            .Select(project => new
            {
                Project = project,
                project.Quota,
                Role = project.Memberships.Where(member => member.UserId == actor.UserId).Select(member => (ProjectRole?)member.Role).FirstOrDefault(),
                Clusters = context.Clusters.Count(cluster => cluster.ProjectId == project.Id && cluster.DeletedAt == null),
                Workers = context.Clusters.Where(cluster => cluster.ProjectId == project.Id && cluster.DeletedAt == null).Sum(cluster => cluster.Workers),
            })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => new ProjectView(
            row.Project.Id,
            row.Project.Name,
            row.Project.Description,
            row.Project.CreatedAt,
            ApiWord.Of(actor.IsPlatformAdmin ? ProjectRole.Admin : row.Role ?? ProjectRole.Viewer),
            new(row.Quota.Clusters, row.Clusters, row.Quota.Workers, row.Workers)))];
    }

    public async Task<ProjectView?> FindAsync(Actor actor, string name, CancellationToken cancellationToken) =>
        await ListAsync(actor, cancellationToken, name) is [var project] ? project : null;
}
