using Flotilla.Portal.Contracts;
using Flotilla.Provisioner.Fleet;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Portal.Web.Views;

internal sealed class TokenViews(IDbContextFactory<FleetDbContext> contexts)
{
    /// <summary>The actor's own tokens that are not revoked.</summary>
    public async Task<IReadOnlyList<TokenView>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.ApiTokens.AsNoTracking()
            .Where(token => token.UserId == actor.UserId && token.RevokedAt == null)
            .OrderByDescending(token => token.CreatedAt)
            .Select(token => new TokenView(token.Id, token.Name, token.Prefix, token.CreatedAt, token.ExpiresAt, token.LastUsedAt))
            .ToListAsync(cancellationToken);
    }
}
