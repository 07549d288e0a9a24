using Bunit;
using Flotilla.Portal.Web.Components.Pages.Projects;
using Flotilla.Provisioner.Fleet.Projects;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Portal.Web.Tests.Components;

public sealed class ProjectPageTests(FleetFixture fleet) : PageTest(fleet)
{
    [Fact]
    public async Task A_member_is_added_by_e_mail()
    {
        var project = await Fleet.AddProjectAsync(Actor);
        var colleague = await Fleet.AddUserAsync();
        var page = Open(project.Name);

        page.WaitForElement("[data-testid=member-email]", Limit).Change(colleague.Name.ToUpperInvariant());
        page.Find("[data-testid=member-role]").Change(nameof(ProjectRole.Viewer));
        await page.Find("form:has([data-testid=member-email])").SubmitAsync();

        page.WaitForElement($"[data-testid='member-{colleague.Name}']", Limit);
        var role = await Fleet.ReadAsync(context => context.Memberships
            .Where(member => member.ProjectId == project.Id && member.UserId == colleague.UserId).Select(member => member.Role).SingleAsync());
        Assert.Equal(ProjectRole.Viewer, role);
    }

    [Fact]
    public async Task An_unknown_member_is_told_at_the_field()
    {
        var project = await Fleet.AddProjectAsync(Actor);
        var page = Open(project.Name);

        page.WaitForElement("[data-testid=member-email]", Limit).Change("nobody@example.com");
        await page.Find("form:has([data-testid=member-email])").SubmitAsync();

        Assert.Equal("There is no such user.", page.Find("[data-testid=member-email-error]").TextContent);
    }

    [Fact]
    public async Task A_viewer_changes_nothing()
    {
        var owner = await Fleet.AddUserAsync();
        var project = await Fleet.AddProjectAsync(owner);
        await Fleet.ChangeAsync(context => context.Memberships.Add(new()
        {
            ProjectId = project.Id,
            UserId = Actor.UserId!.Value,
            Role = ProjectRole.Viewer,
            CreatedAt = DateTimeOffset.UnixEpoch,
        }));

        var page = Open(project.Name);

        page.WaitForElement("[data-testid=members]", Limit);
        Assert.Empty(page.FindAll("form, button"));
    }

    private IRenderedComponent<ProjectPage> Open(string name) => Render<ProjectPage>(parameters => parameters.Add(page => page.Name, name));
}
