using Bunit;
using Bunit.TestDoubles;
using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Components.Pages.Clusters;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Clusters;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Portal.Web.Tests.Components;

public sealed class CreateClusterTests(FleetFixture fleet) : PageTest(fleet)
{
    [Fact]
    public async Task A_created_cluster_is_opened()
    {
        var dialog = await OpenAsync();

        dialog.Find("[data-testid=cluster-name]").Input("shop");
        dialog.Find("[data-testid=purpose-dev]").Change(true);
        dialog.Find("[data-testid=cluster-workers]").Input("2");
        await dialog.Find("form").SubmitAsync();

        var cluster = await Fleet.ReadAsync(context => context.Clusters.SingleAsync(c => c.CreatedBy == Actor.Name));
        Assert.Equal(("shop", ClusterPurpose.Dev, 3, 2), (cluster.Name, cluster.Purpose, cluster.Masters, cluster.Workers));
        Assert.EndsWith($"clusters/{cluster.Id}", Services.GetRequiredService<BunitNavigationManager>().Uri);
    }

    [Theory]
    [InlineData("", "1", "cluster-name")]
    [InlineData("Not A Name", "1", "cluster-name")]
    [InlineData("fine", "101", "cluster-workers")]
    [InlineData("fine", "", "cluster-workers")]
    [InlineData("fine", "51", "cluster-workers")]
    public async Task What_is_wrong_is_told_at_its_field(string name, string workers, string field)
    {
        var dialog = await OpenAsync();

        dialog.Find("[data-testid=cluster-name]").Input(name);
        dialog.Find("[data-testid=cluster-workers]").Input(workers);
        await dialog.Find("form").SubmitAsync();

        Assert.NotEmpty(dialog.Find($"[data-testid={field}-error]").TextContent);
        Assert.Equal("true", dialog.Find($"[data-testid={field}]").GetAttribute("aria-invalid"));
        Assert.False(await Fleet.ReadAsync(context => context.Clusters.AnyAsync(c => c.CreatedBy == Actor.Name)));
    }

    [Fact]
    public async Task A_taken_name_is_told_at_the_name()
    {
        var dialog = await OpenAsync();
        var project = (await Services.GetRequiredService<ProjectViews>().ListAsync(Actor, default)).Single();
        await Services.GetRequiredService<ClusterCommands>().CreateAsync(new(project.Id, "shop", ClusterPurpose.Personal, 1), Actor, default);

        dialog.Find("[data-testid=cluster-name]").Input("shop");
        await dialog.Find("form").SubmitAsync();

        Assert.Contains("shop", dialog.Find("[data-testid=cluster-name-error]").TextContent);
    }

    [Fact]
    public async Task The_name_is_checked_while_it_is_typed()
    {
        var dialog = await OpenAsync();

        dialog.Find("[data-testid=cluster-name]").Input("a_b");
        Assert.NotEmpty(dialog.FindAll("[data-testid=cluster-name-error]"));
        dialog.Find("[data-testid=cluster-name]").Input("a-b");
        Assert.Empty(dialog.FindAll("[data-testid=cluster-name-error]"));
    }

    [Fact]
    public async Task The_cost_follows_what_is_chosen()
    {
        var dialog = await OpenAsync();

        dialog.Find("[data-testid=purpose-prod]").Change(true);
        dialog.Find("[data-testid=cluster-workers]").Input("7");

        Assert.Equal("Takes 12 nodes of the pool: 5 for masters, 7 for workers.", dialog.Find("[data-testid=cluster-cost]").TextContent);
    }

    private async Task<IRenderedComponent<CreateCluster>> OpenAsync()
    {
        await Fleet.AddProjectAsync(Actor);
        IReadOnlyList<ProjectView> projects = await Services.GetRequiredService<ProjectViews>().ListAsync(Actor, default);
        return Render<CreateCluster>(parameters => parameters.Add(dialog => dialog.Projects, projects));
    }
}
