using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Components.Elements;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.Provisioner.Fleet.Events;
using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Pages.Alerts;

public sealed partial class ChannelPage(AlertChannelCommands commands, NavigationManager navigation)
{
    private AlertChannelView? channel;
    private IReadOnlyList<DeliveryView> deliveries = [];
    private FleetError? error;
    private bool busy;
    private bool confirming;

    [Parameter]
    public Guid Id { get; set; }

    [Inject]
    private AlertChannelViews ChannelViews { get; set; } = default!;

    [Inject]
    private ToastBoard Toasts { get; set; } = default!;

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var channels = await ChannelViews.ListAsync(Actor, project: null, cancellationToken);
        channel = channels.FirstOrDefault(candidate => candidate.Id == Id);
        deliveries = await ChannelViews.DeliveriesAsync(Actor, Id, cancellationToken) ?? [];
    }

    protected override bool Concerns(FleetEvent change) => change.Entity is FleetEntity.AlertChannel or FleetEntity.AlertDelivery;

    private async Task TestAsync()
    {
        if (await RunAsync(commands.TestAsync(Id, Actor, Closed))) { Toasts.Good(L["A test is on its way."]); }
    }

    private Task ToggleAsync() => RunAsync(commands.SetEnabledAsync(Id, !channel!.Enabled, Actor, Closed));

    private async Task DeleteAsync()
    {
        if (!await RunAsync(commands.DeleteAsync(Id, Actor, Closed))) { return; }
        Toasts.Good(L["The channel is deleted."]);
        navigation.NavigateTo("alerts");
    }

    private async Task<bool> RunAsync(Task<Outcome<AlertChannel>> command)
    {
        busy = true;
        error = (await command).Error;
        busy = false;
        Reload();
        return error is null;
    }
}
