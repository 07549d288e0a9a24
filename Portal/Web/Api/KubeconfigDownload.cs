using System.Text;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Clusters;

namespace Flotilla.Portal.Web.Api;

/// <summary>The pages' download link: the session's cookie is enough, because it only reads.</summary>
internal static class KubeconfigDownload
{
    public static void MapKubeconfigDownload(this IEndpointRouteBuilder app) => app.MapGet(
        "/clusters/{id}/kubeconfig",
        async (string id, HttpContext http, ClusterViews clusters, KubeconfigIssuer issuer, CancellationToken cancellationToken) =>
        {
            var actor = http.Actor();
            if (await clusters.FindByIdAsync(actor, id, cancellationToken) is not { } cluster) { return Results.NotFound(); }
            var issued = await issuer.IssueAsync(id, actor, cancellationToken);
            http.Response.Headers.CacheControl = "no-store";
            return issued.Succeeded
                ? Results.File(Encoding.UTF8.GetBytes(issued.Value.Yaml), "application/yaml", $"{cluster.Project}-{cluster.Name}.kubeconfig")
                : Results.Problem(issued.Error.Message, statusCode: StatusCodes.Status409Conflict);
        }).RequireAuthorization();
}
