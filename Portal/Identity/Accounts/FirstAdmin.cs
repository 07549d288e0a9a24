using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Identity;

namespace Flotilla.Portal.Identity.Accounts;

/// <summary>Why the first administrator's account was not made: nothing is half-made, and the link still works unless it says so.</summary>
public sealed record AccountError(string Message, string? Field = null);

/// <summary>The first administrator, made by whoever holds the one-time link.</summary>
public sealed class FirstAdmin(AdminLinks links, UserManager<FleetUser> users, TimeProvider clock)
{
    public static AccountError LinkInvalid { get; } = new("This link has been used already, has expired, or was never valid.");

    public async Task<(FleetUser? User, IReadOnlyList<AccountError> Errors)> CreateAsync(
        string link, string name, string email, string password, CancellationToken cancellationToken)
    {
        if (!await links.IsValidAsync(link, cancellationToken)) { return (null, [LinkInvalid]); }
        var user = FleetUser.Create(name, email, isPlatformAdmin: true, clock.GetUtcNow());
        var errors = await ValidateAsync(user, password);
        if (errors.Count > 0) { return (null, errors); }
        if (!await links.RedeemAsync(link, cancellationToken)) { return (null, [LinkInvalid]); }
        var made = await users.CreateAsync(user, password);
        return made.Succeeded ? (user, []) : (null, AccountErrors.Of(made));
    }

    // All that can be wrong is found before the link is used up.
    private async Task<IReadOnlyList<AccountError>> ValidateAsync(FleetUser user, string password)
    {
        var results = new List<IdentityResult>();
        foreach (var validator in users.UserValidators) { results.Add(await validator.ValidateAsync(users, user)); }
        foreach (var validator in users.PasswordValidators) { results.Add(await validator.ValidateAsync(users, user, password)); }
        return [.. results.SelectMany(AccountErrors.Of).DistinctBy(error => error.Field)];
    }
}
