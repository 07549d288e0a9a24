using Flotilla.Provisioner.Fleet.Clusters;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Machines;

/// <summary>Which machine takes a cluster: the one with the most room left.</summary>
internal static class Placement
{
    private const long PlacementLock = 0x666c_7470_6c61_6365;

    public static FleetError NoRoom { get; } = new("machine.no-room", "No machine has room for this; ask an operator to add one, or delete clusters.");

    /// <summary>Until the transaction's end: nobody else counts room or quota meanwhile.</summary>
    public static Task LockPlacementAsync(this FleetDbContext context, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({PlacementLock})", cancellationToken);

    public static async Task<Machine?> FindRoomAsync(
        this FleetDbContext context, int needed, DateTimeOffset heardSince, CancellationToken cancellationToken)
    {
        var machines = await context.Machines
            .Where(machine => machine.State == MachineState.Active && machine.LastHeartbeat > heardSince)
            .Select(machine => new
            {
                Machine = machine,
                Left = machine.Capacity - context.Clusters
                    .Where(cluster => cluster.MachineId == machine.Id && cluster.State != ClusterState.Deleted)
                    .Sum(cluster => cluster.Masters + cluster.Workers),
            })
            .ToListAsync(cancellationToken);
        return machines.Where(candidate => candidate.Left >= needed).MaxBy(candidate => candidate.Left)?.Machine;
    }

    public static Task<int> UsedAsync(
        this FleetDbContext context, Guid machineId, string exceptClusterId, CancellationToken cancellationToken) =>
        context.Clusters
            .Where(cluster => cluster.MachineId == machineId && cluster.Id != exceptClusterId && cluster.State != ClusterState.Deleted)
            .SumAsync(cluster => cluster.Masters + cluster.Workers, cancellationToken);
}
