namespace Flotilla.Provisioner.Fleet.Audit;

public static class AuditTrail
{
    /// <summary>Adds an entry that is saved with the change it tells of.</summary>
    public static void Audit(
        this FleetDbContext context, Actor actor, TimeProvider clock, string action, string target, Guid? projectId = null, string? detail = null) =>
        context.AuditEntries.Add(new()
        {
            At = clock.GetUtcNow(),
            UserId = actor.UserId,
            Actor = actor.Name,
            Action = action,
            Target = target,
            ProjectId = projectId,
            Detail = detail,
            RemoteAddress = actor.RemoteAddress,
        });
}
