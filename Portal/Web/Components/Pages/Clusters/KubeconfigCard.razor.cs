using Flotilla.Portal.Contracts;
using Flotilla.Portal.Identity.Sessions;
using Flotilla.Portal.Web.Localization;
using Flotilla.Provisioner.Fleet.Clusters;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Flotilla.Portal.Web.Components.Pages.Clusters;

public sealed partial class KubeconfigCard(KubeconfigIssuer issuer)
{
    private string? error;

    [Parameter, EditorRequired]
    public required ClusterView Cluster { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    private string FileName => $"{Cluster.Project}-{Cluster.Name}.kubeconfig";

    private async Task<string?> IssueAsync()
    {
        var issued = await issuer.IssueAsync(Cluster.Id, (await Authentication).User.ToActor(), CancellationToken.None);
        error = issued.Succeeded ? null : L.Of(issued.Error);
        return issued.Value?.Yaml;
    }
}
