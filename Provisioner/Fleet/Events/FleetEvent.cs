namespace Flotilla.Provisioner.Fleet.Events;

public enum FleetEntity
{
    /// <summary>Events may have been missed: read again what you show.</summary>
    Everything,
    Project,
    Machine,
    Cluster,
    Operation,
    AlertChannel,
    Alert,
    AlertDelivery,
}

/// <summary>
/// Something was added, changed or removed; read it to learn what. Nodes are told as their cluster, steps as their operation,
/// memberships and quotas as their project. As text, for NOTIFY: <c>Operation 0198…|k3f9x2ab|0198…</c>.
/// </summary>
public sealed record FleetEvent(FleetEntity Entity, string Id, string? ClusterId = null, Guid? ProjectId = null)
{
    public static FleetEvent Everything { get; } = new(FleetEntity.Everything, "");

    public override string ToString() => $"{Entity} {Id}|{ClusterId}|{ProjectId}";

    public static FleetEvent? Parse(string text)
    {
        if (text.Split(' ', 2) is not [var entity, var rest] || rest.Split('|') is not [var id, var cluster, var project]) { return null; }
        return Enum.TryParse<FleetEntity>(entity, out var kind)
            ? new(kind, id, cluster.Length == 0 ? null : cluster, Guid.TryParse(project, out var guid) ? guid : null)
            : null;
    }
}
