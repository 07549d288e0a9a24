using Flotilla.Portal.Identity.Accounts;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Events;
using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Pages.Operator;

public sealed partial class Users(IServiceScopeFactory scopes, NavigationManager navigation)
{
    private IReadOnlyList<UserView> users = [];
    private IReadOnlyList<AccountError> errors = [];
    private string name = "";
    private string email = "";
    private bool isPlatformAdmin;
    private string? link;
    private string? linkFor;

    [Inject]
    private MemberViews MemberViews { get; set; } = default!;

    protected override async Task LoadAsync(CancellationToken cancellationToken) => users = await MemberViews.UsersAsync(cancellationToken);

    protected override bool Concerns(FleetEvent change) => false;

    private async Task AddAsync()
    {
        errors = string.IsNullOrWhiteSpace(name) ? [new(L["Enter a name."], "name")] : [];
        if (errors.Count > 0) { return; }
        // A page lives long, a database context must not.
        await using var scope = scopes.CreateAsyncScope();
        var (user, refused) = await scope.ServiceProvider.GetRequiredService<Invitations>().AddAsync(name.Trim(), email.Trim(), isPlatformAdmin);
        errors = refused;
        if (user is null) { return; }
        await LinkAsync(user.Id, user.Email!);
        (name, email, isPlatformAdmin) = ("", "", false);
    }

    private async Task LinkAsync(Guid userId, string forWhom)
    {
        await using var scope = scopes.CreateAsyncScope();
        var path = await scope.ServiceProvider.GetRequiredService<Invitations>().LinkAsync(userId);
        (link, linkFor) = (path is null ? null : navigation.ToAbsoluteUri(path).ToString(), forWhom);
        Reload();
    }

    private string? Error(string field) => errors.FirstOrDefault(error => error.Field == field)?.Message;
}
