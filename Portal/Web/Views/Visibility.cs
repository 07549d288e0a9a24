using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Projects;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Portal.Web.Views;

/// <summary>What an actor may see: the projects of which they are a member; platform admins see all.</summary>
internal static class Visibility
{
    public static IQueryable<Project> ProjectsOf(this FleetDbContext context, Actor actor)
    {
        var projects = context.Projects.AsNoTracking();
        return actor.IsPlatformAdmin
            ? projects
            : projects.Where(project => project.Memberships.Any(member => member.UserId == actor.UserId));
    }

    public static IQueryable<Cluster> ClustersOf(this FleetDbContext context, Actor actor)
    {
        var clusters = context.Clusters.AsNoTracking();
        return actor.IsPlatformAdmin
            ? clusters
            : clusters.Where(cluster => cluster.Project!.Memberships.Any(member => member.UserId == actor.UserId));
    }
}
