using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Events;
using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Pages.Operator;

public sealed partial class Machines
{
    private IReadOnlyList<MachineView> machines = [];

    [Inject]
    private MachineViews MachineViews { get; set; } = default!;

    protected override async Task LoadAsync(CancellationToken cancellationToken) => machines = await MachineViews.ListAsync(cancellationToken);

    protected override bool Concerns(FleetEvent change) => change.Entity is FleetEntity.Machine or FleetEntity.Cluster;
}
