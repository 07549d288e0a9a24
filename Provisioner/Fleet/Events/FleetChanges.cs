using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Machines;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Fleet.Projects;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Flotilla.Provisioner.Fleet.Events;

/// <summary>What a save is about to change, as events; each thing once.</summary>
internal static class FleetChanges
{
    public static IReadOnlyCollection<FleetEvent> Of(ChangeTracker tracker)
    {
        tracker.DetectChanges();
        var changed = tracker.Entries()
            .Where(entry => entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted)
            .Select(entry => Of(entry.Entity, tracker));
        return changed.OfType<FleetEvent>().ToHashSet();
    }

    private static FleetEvent? Of(object entity, ChangeTracker tracker) => entity switch
    {
        Project project => new(FleetEntity.Project, project.Id.ToString(), null, project.Id),
        Membership membership => new(FleetEntity.Project, membership.ProjectId.ToString(), null, membership.ProjectId),
        Quota quota => new(FleetEntity.Project, quota.ProjectId.ToString(), null, quota.ProjectId),
        Machine machine => new(FleetEntity.Machine, machine.Id.ToString()),
        Cluster cluster => new(FleetEntity.Cluster, cluster.Id, cluster.Id, cluster.ProjectId),
        ClusterNode node => new(FleetEntity.Cluster, node.ClusterId, node.ClusterId, Tracked<Cluster>(tracker, c => c.Id == node.ClusterId)?.ProjectId),
        Operation operation => Of(operation),
        OperationStep step => Tracked<Operation>(tracker, o => o.Id == step.OperationId) is { } parent
            ? Of(parent)
            : new(FleetEntity.Operation, step.OperationId.ToString()),
        AlertChannel channel => new(FleetEntity.AlertChannel, channel.Id.ToString(), null, channel.ProjectId),
        Alert alert => new(FleetEntity.Alert, alert.Id.ToString(), alert.ClusterId, alert.ProjectId),
        AlertDelivery delivery => new(FleetEntity.AlertDelivery, delivery.Id.ToString()),
        _ => null,
    };

    private static FleetEvent Of(Operation operation) =>
        new(FleetEntity.Operation, operation.Id.ToString(), operation.ClusterId, operation.ProjectId);

    private static T? Tracked<T>(ChangeTracker tracker, Func<T, bool> matches) where T : class =>
        tracker.Entries<T>().Select(entry => entry.Entity).FirstOrDefault(matches);
}
