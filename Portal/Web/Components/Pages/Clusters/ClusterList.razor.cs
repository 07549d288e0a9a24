using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Events;
using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Pages.Clusters;

public sealed partial class ClusterList
{
    private const int PageSize = 25;

    private IReadOnlyList<ClusterView> clusters = [];
    private IReadOnlyList<ProjectView> projects = [];

    [SupplyParameterFromQuery]
    private string? Project { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    /// <summary>Present while the dialog is open.</summary>
    [SupplyParameterFromQuery]
    private string? Create { get; set; }

    [Inject]
    private ClusterViews ClusterViews { get; set; } = default!;

    [Inject]
    private ProjectViews ProjectViews { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private IReadOnlyList<ClusterView> Shown =>
        [.. clusters.Where(cluster => Search is not { Length: > 0 } part || cluster.Name.Contains(part, StringComparison.OrdinalIgnoreCase))];

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        projects = await ProjectViews.ListAsync(Actor, cancellationToken);
        clusters = await ClusterViews.ListAsync(Actor, Project is { Length: > 0 } ? Project : null, cancellationToken);
    }

    protected override bool Concerns(FleetEvent change) =>
        change.Entity is FleetEntity.Cluster or FleetEntity.Operation or FleetEntity.Project;

    private void OpenCreate() => Go("create", "1");

    private void CloseCreate() => Go("create", null);

    private void SetSearch(string? text) => Go("q", text);

    private void SetProject(string? name) => Go("project", name);

    private void Go(string parameter, string? value) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameter(parameter, string.IsNullOrEmpty(value) ? null : value), replace: true);
}
