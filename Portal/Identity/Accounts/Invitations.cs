using System.Buffers.Text;
using System.Text;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Identity;

namespace Flotilla.Portal.Identity.Accounts;

/// <summary>
/// Users that an administrator adds: they set their own password with a link that works once, for a day. Setting a password
/// changes the security stamp the link was made with.
/// </summary>
public sealed class Invitations(UserManager<FleetUser> users, TimeProvider clock)
{
    /// <returns>The user, or why there is none.</returns>
    public async Task<(FleetUser? User, IReadOnlyList<AccountError> Errors)> AddAsync(string name, string email, bool isPlatformAdmin)
    {
        var user = FleetUser.Create(name, email, isPlatformAdmin, clock.GetUtcNow());
        var made = await users.CreateAsync(user);
        return made.Succeeded ? (user, []) : (null, AccountErrors.Of(made));
    }

    /// <summary>The path of a new link; for a user who has a password it is the way to a new one.</summary>
    public async Task<string?> LinkAsync(Guid userId)
    {
        if (await users.FindByIdAsync(userId.ToString()) is not { } user) { return null; }
        var code = await users.GeneratePasswordResetTokenAsync(user);
        return $"/welcome/{user.Id:N}/{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(code))}";
    }

    /// <summary>The user whose link it is; null when it was used, has expired or is not whole.</summary>
    public async Task<FleetUser?> FindAsync(string userId, string code) =>
        Guid.TryParse(userId, out var id)
        && Decode(code) is { } token
        && await users.FindByIdAsync(id.ToString()) is { } user
        && await users.VerifyUserTokenAsync(user, users.Options.Tokens.PasswordResetTokenProvider, UserManager<FleetUser>.ResetPasswordTokenPurpose, token)
            ? user
            : null;

    public async Task<IReadOnlyList<AccountError>> AcceptAsync(FleetUser user, string code, string password)
    {
        var set = await users.ResetPasswordAsync(user, Decode(code) ?? "", password);
        if (!set.Succeeded) { return AccountErrors.Of(set); }
        await users.SetLockoutEndDateAsync(user, lockoutEnd: null);
        return [];
    }

    private static string? Decode(string code)
    {
        var bytes = new byte[code.Length];
        return Base64Url.IsValid(code) && Base64Url.TryDecodeFromChars(code, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
