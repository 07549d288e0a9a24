using Bunit;
using Flotilla.Portal.Web.Components.Pages.Alerts;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Alerts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Portal.Web.Tests.Components;

public sealed class AlertTests(FleetFixture fleet) : PageTest(fleet)
{
    [Fact]
    public async Task A_new_webhooks_secret_is_shown()
    {
        var dialog = await OpenDialogAsync();

        dialog.Find("[data-testid=channel-name]").Change("hook");
        dialog.Find("[data-testid=channel-url]").Change("https://chat.example.com/T0/secret");
        await dialog.Find("form").SubmitAsync();

        Assert.StartsWith("whsec_", dialog.Find("[data-testid=channel-secret]").TextContent);
    }

    [Fact]
    public async Task A_wrong_address_is_told_at_its_field()
    {
        var dialog = await OpenDialogAsync();

        dialog.Find("[data-testid=channel-name]").Change("hook");
        dialog.Find("[data-testid=channel-url]").Change("chat");
        await dialog.Find("form").SubmitAsync();

        Assert.NotEmpty(dialog.FindAll("[data-testid=channel-url-error]"));
    }

    [Fact]
    public async Task A_deliverys_fate_is_shown_as_it_changes()
    {
        var project = await Fleet.AddProjectAsync(Actor);
        var created = await Services.GetRequiredService<AlertChannelCommands>()
            .CreateAsync(new(project.Id, "hook", ChannelKind.Webhook, "https://chat.example.com/x"), Actor, default);
        var id = created.Value!.Channel.Id;
        var page = Render<ChannelPage>(parameters => parameters.Add(p => p.Id, id));
        page.WaitForElement("[data-testid=test-channel]", Limit).Click();
        page.WaitForElement("[data-testid=delivery][data-state=pending]", Limit);

        await Fleet.ChangeAsync(context =>
        {
            var delivery = context.AlertDeliveries.Single(d => d.ChannelId == id);
            (delivery.State, delivery.ResponseStatus) = (DeliveryState.Delivered, 204);
        });

        var row = page.WaitForElement("[data-testid=delivery][data-state=delivered]", Limit);
        Assert.Contains("204", row.TextContent);
    }

    private async Task<IRenderedComponent<CreateChannel>> OpenDialogAsync()
    {
        await Fleet.AddProjectAsync(Actor);
        var projects = await Services.GetRequiredService<ProjectViews>().ListAsync(Actor, default);
        return Render<CreateChannel>(parameters => parameters.Add(dialog => dialog.Projects, projects));
    }
}
