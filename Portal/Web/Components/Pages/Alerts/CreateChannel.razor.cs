using Flotilla.Portal.Contracts;
using Flotilla.Portal.Identity.Sessions;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Alerts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Flotilla.Portal.Web.Components.Pages.Alerts;

public sealed partial class CreateChannel(AlertChannelCommands commands, NavigationManager navigation)
{
    private string name = "";
    private string project = "";
    private string url = "";
    private ChannelKind kind;
    private FleetError? error;
    private Provisioner.Fleet.Alerts.CreatedAlertChannel? created;
    private bool busy;

    [Parameter, EditorRequired]
    public required IReadOnlyList<ProjectView> Projects { get; set; }

    [Parameter]
    public EventCallback OnClose { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    protected override void OnInitialized() => project = Projects[0].Name;

    private async Task SubmitAsync()
    {
        if (busy) { return; }
        busy = true;
        var owner = Projects.First(candidate => candidate.Name == project);
        var wanted = new Provisioner.Fleet.Alerts.NewAlertChannel(owner.Id, name, kind, url.Trim());
        var outcome = await commands.CreateAsync(wanted, (await Authentication).User.ToActor(), CancellationToken.None);
        (busy, error) = (false, outcome.Error);
        if (!outcome.Succeeded) { return; }
        created = outcome.Value;
        if (created.Secret is null) { navigation.NavigateTo($"alerts/{created.Channel.Id}"); }
    }
}
