using Flotilla.Portal.Identity.Accounts;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;

namespace Flotilla.Portal.Web.Components.Pages.Account;

/// <summary>Where an invitation leads.</summary>
public sealed partial class WelcomePage(Invitations invitations, SignInManager<FleetUser> session, NavigationManager navigation)
{
    private FleetUser? user;
    private string? error;

    [Parameter]
    public required string User { get; set; }

    [Parameter]
    public required string Code { get; set; }

    [SupplyParameterFromForm]
    private WelcomeInput Input { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        Input ??= new();
        user = await invitations.FindAsync(User, Code);
    }

    private async Task AcceptAsync()
    {
        if (user is null) { return; }
        var errors = await invitations.AcceptAsync(user, Code, Input.Password ?? "");
        error = errors.Count > 0 ? errors[0].Message : null;
        if (error is not null) { return; }
        await session.SignInAsync(user, isPersistent: true);
        navigation.NavigateTo("/", forceLoad: true);
    }
}

internal sealed class WelcomeInput
{
    public string? Password { get; set; }
}
