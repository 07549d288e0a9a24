using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Components.Elements;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Events;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Pages.Account;

public sealed partial class AccountPage(ApiTokens apiTokens)
{
    private IReadOnlyList<TokenView> tokens = [];
    private IssuedToken? issued;
    private string name = "";
    private int days = 90;
    private string? error;

    [Inject]
    private TokenViews TokenViews { get; set; } = default!;

    [Inject]
    private ToastBoard Toasts { get; set; } = default!;

    protected override async Task LoadAsync(CancellationToken cancellationToken) => tokens = await TokenViews.ListAsync(Actor, cancellationToken);

    protected override bool Concerns(FleetEvent change) => false;

    private async Task CreateAsync()
    {
        error = string.IsNullOrWhiteSpace(name) ? L["Enter a name by which you will know the token."].Value : null;
        if (error is not null) { return; }
        var lifetime = days == 0 ? (TimeSpan?)null : TimeSpan.FromDays(days);
        issued = await apiTokens.IssueAsync(Actor.UserId!.Value, name.Trim(), lifetime, Closed);
        name = "";
        Reload();
    }

    private async Task RevokeAsync(Guid id)
    {
        await apiTokens.RevokeAsync(Actor.UserId!.Value, id, Closed);
        if (issued?.Id == id) { issued = null; }
        Toasts.Good(L["The token is revoked."]);
        Reload();
    }
}
