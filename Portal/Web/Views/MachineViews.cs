using Flotilla.Portal.Contracts;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Flotilla.Portal.Web.Views;

/// <summary>For platform admins: the caller checks that.</summary>
internal sealed class MachineViews(IDbContextFactory<FleetDbContext> contexts, IOptions<FleetOptions> options, TimeProvider clock)
{
    public async Task<IReadOnlyList<MachineView>> ListAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var lostBefore = clock.GetUtcNow() - options.Value.MachineTimeout;
        var rows = await context.Machines.AsNoTracking()
            .OrderBy(machine => machine.Name)
            .Select(machine => new
            {
                Machine = machine,
                Used = context.Clusters.Where(cluster => cluster.MachineId == machine.Id && cluster.State != ClusterState.Deleted)
                    .Sum(cluster => cluster.Masters + cluster.Workers),
            })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => new MachineView(
            row.Machine.Name,
            row.Machine.LastHeartbeat < lostBefore ? "lost" : ApiWord.Of(row.Machine.State),
            row.Machine.Cpus,
            row.Machine.MemoryBytes,
            row.Machine.Capacity,
            row.Used,
            row.Machine.Version,
            row.Machine.LastHeartbeat))];
    }
}
