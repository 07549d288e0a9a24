using Flotilla.Portal.Contracts;
using Flotilla.Portal.Identity.Sessions;
using Flotilla.Portal.Web.Components.Elements;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Flotilla.Portal.Web.Components.Pages.Clusters;

/// <summary>What can be done to a cluster; each starts an operation, shown on the overview.</summary>
public sealed partial class ClusterSettings(ClusterCommands commands, NavigationManager navigation)
{
    private int? workers;
    private FleetError? error;
    private bool busy;
    private bool confirming;

    [Parameter, EditorRequired]
    public required ClusterView Cluster { get; set; }

    [Parameter]
    public EventCallback OnChanged { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    [Inject]
    private ToastBoard Toasts { get; set; } = default!;

    protected override void OnInitialized() => workers = Cluster.Workers;

    private Task ScaleAsync() => RunAsync(actor => commands.ScaleAsync(Cluster.Id, workers ?? -1, actor, CancellationToken.None));

    private Task UndeleteAsync() => RunAsync(actor => commands.UndeleteAsync(Cluster.Id, actor, CancellationToken.None));

    private Task HibernateAsync() => RunAsync(actor => commands.HibernateAsync(Cluster.Id, actor, CancellationToken.None));

    private Task WakeAsync() => RunAsync(actor => commands.WakeAsync(Cluster.Id, actor, CancellationToken.None));

    private Task RepairAsync() => RunAsync(actor => commands.RepairAsync(Cluster.Id, actor, CancellationToken.None));

    private Task DeleteAsync(string typed) =>
        RunAsync(actor => commands.DeleteAsync(Cluster.Id, typed, now: false, actor, CancellationToken.None));

    private async Task RunAsync(Func<Actor, Task<Outcome<StartedOperation>>> command)
    {
        busy = true;
        var started = await command((await Authentication).User.ToActor());
        (busy, error) = (false, started.Error);
        if (!started.Succeeded) { return; }
        confirming = false;
        Toasts.Good(L["Started. Watch it here."]);
        await OnChanged.InvokeAsync();
        navigation.NavigateTo($"clusters/{Cluster.Id}");
    }
}
