using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Flotilla.Portal.Identity.Tokens;

/// <summary>
/// The API token of the built-in operator account, in <c>$FLOTILLA_HOME/admin-token</c>: what scripts on the machine use.
/// The account has no password, so nobody signs in to it.
/// </summary>
public sealed class OperatorToken(
    IDbContextFactory<FleetDbContext> contexts, ApiTokens tokens, IOptions<FleetOptions> options, TimeProvider clock)
{
    public const string AccountName = "operator";

    private const string TokenName = "admin-token";

    /// <summary>Makes the file, its token and the account where they are missing or no longer valid.</summary>
    /// <returns>The file's path.</returns>
    public async Task<string> EnsureAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(options.Value.Home, "admin-token");
        if (await IsValidAsync(path, cancellationToken)) { return path; }
        var account = await EnsureAccountAsync(cancellationToken);
        var token = await tokens.IssueAsync(account, TokenName, lifetime: null, cancellationToken);
        await WriteAsync(path, token.Secret, cancellationToken);
        return path;
    }

    private async Task<bool> IsValidAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) { return false; }
        var secret = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
        return await tokens.AuthenticateAsync(secret, cancellationToken) is { IsPlatformAdmin: true };
    }

    private async Task<Guid> EnsureAccountAsync(CancellationToken cancellationToken)
    {
        var normalized = AccountName.ToUpperInvariant();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await context.Users.SingleOrDefaultAsync(user => user.NormalizedUserName == normalized, cancellationToken);
        if (account is not null) { return account.Id; }
        account = new()
        {
            Id = Guid.CreateVersion7(),
            UserName = AccountName,
            NormalizedUserName = normalized,
            DisplayName = "Operator",
            IsPlatformAdmin = true,
            SecurityStamp = Guid.NewGuid().ToString("N"),
            CreatedAt = clock.GetUtcNow(),
        };
        context.Users.Add(account);
        await context.SaveChangesAsync(cancellationToken);
        return account.Id;
    }

    private static async Task WriteAsync(string path, string secret, CancellationToken cancellationToken)
    {
        var draft = path + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        await using (var file = new StreamWriter(draft, options)) { await file.WriteAsync(secret.AsMemory(), cancellationToken); }
        File.Move(draft, path, overwrite: true);
    }
}
