using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Projects;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Portal.Web.Views;

internal sealed record MemberView(Guid UserId, string Email, string? Name, ProjectRole Role);

internal sealed record UserView(Guid Id, string Email, string? Name, bool IsPlatformAdmin, bool HasPassword, bool IsLockedOut, DateTimeOffset CreatedAt);

internal sealed class MemberViews(IDbContextFactory<FleetDbContext> contexts, TimeProvider clock)
{
    /// <summary>A project's members; the caller has checked that they may see the project.</summary>
    public async Task<IReadOnlyList<MemberView>> ListAsync(Guid projectId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Memberships.AsNoTracking()
            .Where(member => member.ProjectId == projectId)
            .OrderBy(member => member.User!.UserName)
            .Select(member => new MemberView(member.UserId, member.User!.Email ?? member.User.UserName!, member.User.DisplayName, member.Role))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Every user; for platform admins: the caller checks that.</summary>
    public async Task<IReadOnlyList<UserView>> UsersAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Users.AsNoTracking()
            .Where(user => user.Email != null)
            .OrderBy(user => user.UserName)
            .Select(user => new UserView(
                user.Id, user.Email!, user.DisplayName, user.IsPlatformAdmin, user.PasswordHash != null, user.LockoutEnd > now, user.CreatedAt))
            .ToListAsync(cancellationToken);
    }

    public async Task<Guid?> FindUserAsync(string email, CancellationToken cancellationToken)
    {
        var normalized = email.Trim().ToUpperInvariant();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Users.Where(user => user.NormalizedEmail == normalized).Select(user => (Guid?)user.Id).FirstOrDefaultAsync(cancellationToken);
    }
}
