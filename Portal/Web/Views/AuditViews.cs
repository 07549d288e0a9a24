using Flotilla.Portal.Contracts;
using Flotilla.Provisioner.Fleet;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Portal.Web.Views;

internal sealed class AuditViews(IDbContextFactory<FleetDbContext> contexts)
{
    private const int NewestShown = 200;

    /// <summary>Newest first: what was done in the actor's projects, and what they did themselves; platform admins see all.</summary>
    public async Task<IReadOnlyList<AuditView>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.AuditEntries.AsNoTracking()
            .Where(entry => actor.IsPlatformAdmin || entry.UserId == actor.UserId
                || context.Memberships.Any(member => member.ProjectId == entry.ProjectId && member.UserId == actor.UserId))
            .OrderByDescending(entry => entry.At)
            .Take(NewestShown)
            .Select(entry => new AuditView(entry.At, entry.Actor, entry.Action, entry.Target, entry.Detail))
            .ToListAsync(cancellationToken);
    }
}
