using Bunit;
using Bunit.TestDoubles;
using Flotilla.Portal.Web.Components.Pages.Clusters;
using Flotilla.Provisioner.Fleet.Clusters;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Portal.Web.Tests.Components;

public sealed class ClusterListTests(FleetFixture fleet) : PageTest(fleet)
{
    private ClusterCommands Clusters => Services.GetRequiredService<ClusterCommands>();

    [Fact]
    public void Who_has_no_project_is_led_to_make_one()
    {
        var page = Render<ClusterList>();

        page.WaitForElement("[data-testid=first-project]", Limit);
        Assert.True(page.Find("[data-testid=create-cluster]").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Only_clusters_of_my_projects_are_listed()
    {
        var mine = await Fleet.AddProjectAsync(Actor);
        var other = await Fleet.AddUserAsync();
        var theirs = await Fleet.AddProjectAsync(other);
        await Clusters.CreateAsync(new(mine.Id, "mine", ClusterPurpose.Personal, 1), Actor, default);
        await Clusters.CreateAsync(new(theirs.Id, "theirs", ClusterPurpose.Personal, 1), other, default);

        var page = Render<ClusterList>();

        page.WaitForElement("[data-testid=cluster-mine]", Limit);
        Assert.Empty(page.FindAll("[data-testid=cluster-theirs]"));
    }

    [Fact]
    public async Task A_cluster_made_elsewhere_appears_by_itself()
    {
        var project = await Fleet.AddProjectAsync(Actor);
        var page = Render<ClusterList>();
        page.WaitForElement("[data-testid=empty]", Limit);

        await Clusters.CreateAsync(new(project.Id, "late", ClusterPurpose.Personal, 0), Actor, default);

        page.WaitForElement("[data-testid=cluster-late]", Limit);
        Assert.Equal("creating", page.Find("[data-testid=state-late]").GetAttribute("data-state"));
    }

    [Fact]
    public async Task The_search_is_in_the_address()
    {
        var project = await Fleet.AddProjectAsync(Actor);
        foreach (var name in (string[])["alpha", "beta"])
        {
            await Clusters.CreateAsync(new(project.Id, name, ClusterPurpose.Personal, 0), Actor, default);
        }
        var navigation = Services.GetRequiredService<BunitNavigationManager>();
        navigation.NavigateTo("clusters?q=bet");

        var page = Render<ClusterList>();

        page.WaitForElement("[data-testid=cluster-beta]", Limit);
        Assert.Empty(page.FindAll("[data-testid=cluster-alpha]"));
        page.Find("[data-testid=search]").Input("");
        page.WaitForElement("[data-testid=cluster-alpha]", Limit);
        Assert.DoesNotContain("q=", navigation.Uri);
    }
}
