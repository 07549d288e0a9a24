using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Components.Elements;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Events;
using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Pages.Clusters;

/// <summary>One cluster; its tabs are URLs.</summary>
public sealed partial class ClusterPage
{
    private ClusterView? cluster;
    private IReadOnlyList<NodeView> nodes = [];
    private IReadOnlyList<OperationView> operations = [];

    [Parameter]
    public required string Id { get; set; }

    [Parameter]
    public string? Tab { get; set; }

    [Inject]
    private ClusterViews ClusterViews { get; set; } = default!;

    [Inject]
    private OperationViews OperationViews { get; set; } = default!;

    protected override bool Ticks => Current is { } operation && !operation.IsOver();

    private OperationView? Current => operations.Count > 0 ? operations[0] : null;

    private string Lead => $"{cluster!.Project} · {L[Words.Of(cluster.Purpose)]} · Kubernetes {cluster.Version}";

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        cluster = await ClusterViews.FindByIdAsync(Actor, Id, cancellationToken);
        if (cluster is null) { return; }
        nodes = await ClusterViews.NodesAsync(Id, cancellationToken);
        operations = await OperationViews.ListAsync(Actor, Id, cancellationToken);
    }

    // A step's change may name its operation alone.
    protected override bool Concerns(FleetEvent change) =>
        change.ClusterId == Id
        || (change.Entity is FleetEntity.Operation && operations.Any(operation => operation.Id.ToString() == change.Id));

    private string At(string tab) => $"clusters/{Id}{tab}";
}
