using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Events;
using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Pages.Alerts;

public sealed partial class ChannelList
{
    private IReadOnlyList<AlertChannelView> channels = [];
    private IReadOnlyList<ProjectView> projects = [];

    /// <summary>Present while the dialog is open.</summary>
    [SupplyParameterFromQuery]
    private string? Create { get; set; }

    [Inject]
    private AlertChannelViews ChannelViews { get; set; } = default!;

    [Inject]
    private ProjectViews ProjectViews { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        projects = await ProjectViews.ListAsync(Actor, cancellationToken);
        channels = await ChannelViews.ListAsync(Actor, project: null, cancellationToken);
    }

    protected override bool Concerns(FleetEvent change) => change.Entity is FleetEntity.AlertChannel or FleetEntity.Project;

    private void OpenCreate() => Navigation.NavigateTo("alerts?create=1", replace: true);

    private void CloseCreate() => Navigation.NavigateTo("alerts", replace: true);
}
