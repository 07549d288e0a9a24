using Flotilla.Portal.Contracts;
using Flotilla.Portal.Identity.Sessions;
using Flotilla.Portal.Web.Localization;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Projects;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Flotilla.Portal.Web.Components.Pages.Clusters;

/// <summary>Asks for a cluster and leads to its page, where its creation can be watched.</summary>
public sealed partial class CreateCluster(ClusterCommands commands, NavigationManager navigation)
{
    private static readonly PurposeChoice[] Purposes =
    [
        new(ClusterPurpose.Personal, "personal", "Personal", "1 master, to learn and to try"),
        new(ClusterPurpose.Dev, "dev", "Development", "3 masters, survives the loss of one"),
        new(ClusterPurpose.Prod, "prod", "Production", "5 masters, survives the loss of two"),
    ];

    private string name = "";
    private string project = "";
    private ClusterPurpose purpose = ClusterPurpose.Personal;
    private int? workers = 1;
    private FleetError? error;
    private bool busy;

    [Parameter, EditorRequired]
    public required IReadOnlyList<ProjectView> Projects { get; set; }

    /// <summary>The project chosen at first.</summary>
    [Parameter]
    public string? Project { get; set; }

    [Parameter]
    public EventCallback OnClose { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    private int Masters => ClusterRules.Masters(purpose);

    private ProjectView Chosen => Projects.FirstOrDefault(candidate => candidate.Name == project) ?? Projects[0];

    private string Quota => L[
        "Left in this project: {0} clusters, {1} workers.",
        Math.Max(0, Chosen.Quota.Clusters - Chosen.Quota.ClustersUsed),
        Math.Max(0, Chosen.Quota.Workers - Chosen.Quota.WorkersUsed)];

    protected override void OnInitialized() =>
        project = Projects.FirstOrDefault(candidate => candidate.Name == Project)?.Name ?? Projects[0].Name;

    // Told while it is typed; an empty field is told on submit.
    private void CheckName() => error = name.Length == 0 ? null : ResourceNames.Validate(name);

    private async Task SubmitAsync()
    {
        if (busy) { return; }
        busy = true;
        var actor = (await Authentication).User.ToActor();
        var wanted = new Provisioner.Fleet.Clusters.NewCluster(Chosen.Id, name.Trim(), purpose, workers ?? -1);
        var started = await commands.CreateAsync(wanted, actor, CancellationToken.None);
        busy = false;
        error = started.Error;
        if (started.Succeeded) { navigation.NavigateTo($"clusters/{started.Value.ClusterId}"); }
    }

    private string? Error(string? field)
    {
        var shown = error?.Field is "name" or "project" or "workers" ? error.Field : null;
        return error is not null && shown == field ? L.Of(error) : null;
    }

    private sealed record PurposeChoice(ClusterPurpose Purpose, string Word, string Title, string Hint);
}
