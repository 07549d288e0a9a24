using Flotilla.Portal.Identity.Accounts;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;

namespace Flotilla.Portal.Web.Components.Pages.Account;

/// <summary>Where the one-time link leads.</summary>
public sealed partial class Setup(FirstAdmin firstAdmin, AdminLinks links, SignInManager<FleetUser> session, NavigationManager navigation)
{
    private bool usable;
    private IReadOnlyList<AccountError> errors = [];

    [Parameter]
    public required string Token { get; set; }

    [SupplyParameterFromForm]
    private SetupInput Input { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        Input ??= new();
        usable = await links.IsValidAsync(Token, CancellationToken.None);
    }

    private async Task CreateAsync()
    {
        if (Validate() is { Count: > 0 } missing)
        {
            errors = missing;
            return;
        }
        var (user, refused) = await firstAdmin.CreateAsync(Token, Input.Name.Trim(), Input.Email.Trim(), Input.Password, CancellationToken.None);
        if (user is null)
        {
            errors = refused;
            usable = !refused.Contains(FirstAdmin.LinkInvalid);
            return;
        }
        await session.SignInAsync(user, isPersistent: true);
        navigation.NavigateTo("/", forceLoad: true);
    }

    private List<AccountError> Validate()
    {
        var missing = new List<AccountError>();
        if (string.IsNullOrWhiteSpace(Input.Name)) { missing.Add(new(L["Enter your name."], "name")); }
        if (string.IsNullOrWhiteSpace(Input.Email)) { missing.Add(new(L["Enter your e-mail address."], "email")); }
        if (string.IsNullOrEmpty(Input.Password)) { missing.Add(new(L["Enter a password."], "password")); }
        return missing;
    }

    private string? Error(string? field) => errors.FirstOrDefault(error => error.Field == field)?.Message;
}

internal sealed class SetupInput
{
    public string Name { get; set; } = "";

    public string Email { get; set; } = "";

    public string Password { get; set; } = "";
}
