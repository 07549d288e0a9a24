using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Users;

public sealed record IssuedToken(Guid Id, string Secret);

public sealed class ApiTokens(IDbContextFactory<FleetDbContext> contexts, TimeProvider clock)
{
    private static readonly TimeSpan LastUsedPrecision = TimeSpan.FromMinutes(1);

    /// <param name="secret">A secret made elsewhere (the admin token of <c>deploy/up</c>); null makes one.</param>
    public async Task<IssuedToken> IssueAsync(
        Guid userId, string name, TimeSpan? lifetime, CancellationToken cancellationToken, string? secret = null)
    {
        secret ??= SecretText.Create("flt_");
        var now = clock.GetUtcNow();
        var token = new ApiToken
        {
            UserId = userId,
            Name = name,
            Prefix = secret[..Math.Min(8, secret.Length)],
            Hash = SecretText.Hash(secret),
            CreatedAt = now,
            ExpiresAt = now + lifetime,
        };
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        context.ApiTokens.Add(token);
        await context.SaveChangesAsync(cancellationToken);
        return new(token.Id, secret);
    }

    /// <summary>The owner of a valid token; null when it is unknown, expired or revoked, or its owner is locked out.</summary>
    public async Task<FleetUser?> AuthenticateAsync(string secret, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var hash = SecretText.Hash(secret);
        var now = clock.GetUtcNow();
        var token = await context.ApiTokens.Include(token => token.User)
            .SingleOrDefaultAsync(token => token.Hash == hash, cancellationToken);
        if (token is not { RevokedAt: null } || token.ExpiresAt <= now || token.User?.LockoutEnd > now) { return null; }
        if (token.LastUsedAt is null || now - token.LastUsedAt > LastUsedPrecision)
        {
            token.LastUsedAt = now;
            await context.SaveChangesAsync(cancellationToken);
        }
        return token.User;
    }

    public async Task<bool> RevokeAsync(Guid userId, Guid tokenId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        return await context.ApiTokens.Where(token => token.Id == tokenId && token.UserId == userId && token.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(token => token.RevokedAt, now), cancellationToken) == 1;
    }
}
