using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Users;

public sealed class AdminLinks(IDbContextFactory<FleetDbContext> contexts, TimeProvider clock)
{
    public static TimeSpan Lifetime { get; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Makes a link's secret; null once there is an admin who can sign in. Links made before stay good until one is used, so
    /// setting the platform up again does not take away the link somebody was given.
    /// </summary>
    public async Task<string?> CreateAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Users.AnyAsync(user => user.IsPlatformAdmin && user.PasswordHash != null, cancellationToken)) { return null; }
        var secret = SecretText.Create("");
        var now = clock.GetUtcNow();
        await context.AdminLinks.Where(link => link.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        context.AdminLinks.Add(new() { Hash = SecretText.Hash(secret), CreatedAt = now, ExpiresAt = now + Lifetime });
        await context.SaveChangesAsync(cancellationToken);
        return secret;
    }

    public async Task<bool> IsValidAsync(string secret, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Usable(context, secret).AnyAsync(cancellationToken);
    }

    /// <summary>Uses the link up, and all others with it: true for exactly one caller.</summary>
    public async Task<bool> RedeemAsync(string secret, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var usable = Usable(context, secret);
        // One statement: who comes second waits for the rows, then finds them used.
        return await context.AdminLinks.Where(link => link.UsedAt == null && usable.Any()).ExecuteUpdateAsync(
            set => set.SetProperty(link => link.UsedAt, now), cancellationToken) > 0;
    }

    private IQueryable<AdminLink> Usable(FleetDbContext context, string secret)
    {
        var hash = SecretText.Hash(secret);
        var now = clock.GetUtcNow();
        return context.AdminLinks.Where(link => link.Hash == hash && link.UsedAt == null && link.ExpiresAt > now);
    }
}
