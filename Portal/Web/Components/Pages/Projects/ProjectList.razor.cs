using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Events;
using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Pages.Projects;

public sealed partial class ProjectList
{
    private IReadOnlyList<ProjectView> projects = [];

    /// <summary>Present while the dialog is open.</summary>
    [SupplyParameterFromQuery]
    private string? Create { get; set; }

    [Inject]
    private ProjectViews ProjectViews { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    protected override async Task LoadAsync(CancellationToken cancellationToken) =>
        projects = await ProjectViews.ListAsync(Actor, cancellationToken);

    protected override bool Concerns(FleetEvent change) => change.Entity is FleetEntity.Project or FleetEntity.Cluster;

    private void OpenCreate() => Navigation.NavigateTo("projects?create=1", replace: true);

    private void CloseCreate() => Navigation.NavigateTo("projects", replace: true);
}
