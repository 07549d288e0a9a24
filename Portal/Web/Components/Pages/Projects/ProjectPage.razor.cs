using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Components.Elements;
using Flotilla.Portal.Web.Localization;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Events;
using Flotilla.Provisioner.Fleet.Projects;
using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Pages.Projects;

/// <summary>One project: its quota and its members.</summary>
public sealed partial class ProjectPage(ProjectCommands commands, NavigationManager navigation)
{
    private ProjectView? project;
    private IReadOnlyList<MemberView> members = [];
    private string email = "";
    private ProjectRole role = ProjectRole.Developer;
    private int? clusters;
    private int? workers;
    private FleetError? error;
    private bool confirming;

    [Parameter]
    public required string Name { get; set; }

    [Inject]
    private ProjectViews ProjectViews { get; set; } = default!;

    [Inject]
    private MemberViews MemberViews { get; set; } = default!;

    [Inject]
    private ToastBoard Toasts { get; set; } = default!;

    private bool IsAdmin => project?.Role == "admin";

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        project = await ProjectViews.FindAsync(Actor, Name, cancellationToken);
        if (project is null) { return; }
        members = await MemberViews.ListAsync(project.Id, cancellationToken);
        (clusters, workers) = (clusters ?? project.Quota.Clusters, workers ?? project.Quota.Workers);
    }

    protected override bool Concerns(FleetEvent change) => project is null || change.ProjectId == project.Id;

    private async Task AddAsync()
    {
        if (await MemberViews.FindUserAsync(email, Closed) is not { } user)
        {
            error = new("user.not-found", "There is no such user.", "user");
            return;
        }
        if (await RunAsync(commands.SetMemberAsync(project!.Id, user, role, Actor, Closed))) { email = ""; }
    }

    private Task RemoveAsync(Guid user) => RunAsync(commands.RemoveMemberAsync(project!.Id, user, Actor, Closed));

    private async Task SetQuotaAsync()
    {
        if (await RunAsync(commands.SetQuotaAsync(project!.Id, clusters ?? -1, workers ?? -1, Actor, Closed))) { Toasts.Good(L["The quota is set."]); }
    }

    private async Task DeleteAsync(string typed)
    {
        if (!await RunAsync(commands.DeleteAsync(project!.Id, typed, Actor, Closed))) { return; }
        Toasts.Good(L["The project is deleted."]);
        navigation.NavigateTo("projects");
    }

    private async Task<bool> RunAsync<T>(Task<Outcome<T>> command)
    {
        error = (await command).Error;
        Reload();
        return error is null;
    }

    private string? Error(string field) => error?.Field == field ? L.Of(error) : null;
}
