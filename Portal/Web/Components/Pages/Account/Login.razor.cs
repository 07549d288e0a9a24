using System.ComponentModel.DataAnnotations;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;

namespace Flotilla.Portal.Web.Components.Pages.Account;

/// <summary>A plain form: only an HTTP answer can set the session's cookie.</summary>
public sealed partial class Login(SignInManager<FleetUser> session, UserManager<FleetUser> users, NavigationManager navigation)
{
    private string? error;

    [SupplyParameterFromForm]
    private LoginInput Input { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? ReturnUrl { get; set; }

    protected override void OnInitialized() => Input ??= new();

    private async Task SignInAsync()
    {
        var user = await users.FindByEmailAsync(Input.Email);
        var result = user is null
            ? SignInResult.Failed
            : await session.PasswordSignInAsync(user, Input.Password, isPersistent: true, lockoutOnFailure: true);
        if (result.Succeeded)
        {
            navigation.NavigateTo(Web.Accounts.ReturnUrl.Local(ReturnUrl), forceLoad: true);
        }
        error = result.IsLockedOut
            ? L["Too many failed attempts. Try again in five minutes."]
            : L["The e-mail or the password is wrong."];
    }
}

internal sealed class LoginInput
{
    [Required]
    public string Email { get; set; } = "";

    [Required]
    public string Password { get; set; } = "";
}
