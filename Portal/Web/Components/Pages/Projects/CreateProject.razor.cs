using Flotilla.Portal.Identity.Sessions;
using Flotilla.Portal.Web.Components.Elements;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Projects;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Flotilla.Portal.Web.Components.Pages.Projects;

public sealed partial class CreateProject(ProjectCommands commands)
{
    private string name = "";
    private string? description;
    private FleetError? error;
    private bool busy;

    [Parameter]
    public EventCallback OnClose { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    [Inject]
    private ToastBoard Toasts { get; set; } = default!;

    private void CheckName() => error = name.Length == 0 ? null : ResourceNames.Validate(name);

    private async Task SubmitAsync()
    {
        if (busy) { return; }
        busy = true;
        var created = await commands.CreateAsync(name.Trim(), description, (await Authentication).User.ToActor(), CancellationToken.None);
        (busy, error) = (false, created.Error);
        if (!created.Succeeded) { return; }
        Toasts.Good(L["Project {0} is there.", created.Value.Name]);
        await OnClose.InvokeAsync();
    }
}
