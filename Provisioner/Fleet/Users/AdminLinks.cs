using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Users;

public sealed class AdminLinks(IDbContextFactory<FleetDbContext> contexts, TimeProvider clock)
{
    public static TimeSpan Lifetime { get; } = TimeSpan.FromHours(24);

    /// <summary>Makes a link's secret and voids the links made before; null once there is an admin who can sign in.</summary>
    public async Task<string?> CreateAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Users.AnyAsync(user => user.IsPlatformAdmin && user.PasswordHash != null, cancellationToken)) { return null; }
        await context.AdminLinks.Where(link => link.UsedAt == null).ExecuteDeleteAsync(cancellationToken);
        var secret = SecretText.Create("");
        var now = clock.GetUtcNow();
        context.AdminLinks.Add(new() { Hash = SecretText.Hash(secret), CreatedAt = now, ExpiresAt = now + Lifetime });
        await context.SaveChangesAsync(cancellationToken);
        return secret;
    }

    public async Task<bool> IsValidAsync(string secret, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Usable(context, secret).AnyAsync(cancellationToken);
    }

    /// <summary>Uses the link up: true for exactly one caller.</summary>
    public async Task<bool> RedeemAsync(string secret, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        return await Usable(context, secret).ExecuteUpdateAsync(
            set => set.SetProperty(link => link.UsedAt, now), cancellationToken) == 1;
    }

    private IQueryable<AdminLink> Usable(FleetDbContext context, string secret)
    {
        var hash = SecretText.Hash(secret);
        var now = clock.GetUtcNow();
        return context.AdminLinks.Where(link => link.Hash == hash && link.UsedAt == null && link.ExpiresAt > now);
    }
}
