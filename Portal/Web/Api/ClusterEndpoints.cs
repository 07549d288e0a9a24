using System.Text;
using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Projects;

namespace Flotilla.Portal.Web.Api;

/// <summary>Clusters, by id or by name: <c>{cluster}</c> is either, <c>?project=</c> makes a name unambiguous.</summary>
internal static class ClusterEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/clusters", async (string? project, HttpContext http, ClusterViews clusters, CancellationToken cancellationToken) =>
            Results.Ok(await clusters.ListAsync(http.Actor(), project, cancellationToken)));
        api.MapPost("/clusters", CreateAsync);
        api.MapGet("/clusters/{cluster}", ([AsParameters] ClusterRequest request) =>
            request.WithAsync((cluster, _) => Task.FromResult(Results.Ok(cluster))));
        api.MapGet("/clusters/{cluster}/nodes", ([AsParameters] ClusterRequest request) =>
            request.WithAsync(async (cluster, _) => Results.Ok(await request.Clusters.NodesAsync(cluster.Id, request.CancellationToken))));
        api.MapGet("/clusters/{cluster}/operations", ([AsParameters] ClusterRequest request) => request.WithAsync(async (cluster, actor) =>
            Results.Ok(await request.Operations.ListAsync(actor, cluster.Id, request.CancellationToken))));
        api.MapGet("/clusters/{cluster}/kubeconfig", ([AsParameters] ClusterRequest request, KubeconfigIssuer issuer) =>
            request.WithAsync((cluster, actor) => KubeconfigAsync(issuer, cluster, actor, request.CancellationToken)));
        MapChanges(api);
    }

    private static void MapChanges(IEndpointRouteBuilder api)
    {
        api.MapDelete("/clusters/{cluster}", ([AsParameters] ClusterRequest request, bool? now) => request.StartAsync(
            (commands, cluster, actor) => commands.DeleteAsync(cluster.Id, cluster.Name, now ?? false, actor, request.CancellationToken)));
        api.MapPost("/clusters/{cluster}/scale", ([AsParameters] ClusterRequest request, ClusterScale scale) => request.StartAsync(
            (commands, cluster, actor) => commands.ScaleAsync(cluster.Id, scale.Workers, actor, request.CancellationToken)));
        api.MapPost("/clusters/{cluster}/undelete", ([AsParameters] ClusterRequest request) => request.StartAsync(
            (commands, cluster, actor) => commands.UndeleteAsync(cluster.Id, actor, request.CancellationToken)));
        api.MapPost("/clusters/{cluster}/repair", ([AsParameters] ClusterRequest request) => request.StartAsync(
            (commands, cluster, actor) => commands.RepairAsync(cluster.Id, actor, request.CancellationToken)));
        api.MapPost("/clusters/{cluster}/hibernate", ([AsParameters] ClusterRequest request) => request.StartAsync(
            (commands, cluster, actor) => commands.HibernateAsync(cluster.Id, actor, request.CancellationToken)));
        api.MapPost("/clusters/{cluster}/wake", ([AsParameters] ClusterRequest request) => request.StartAsync(
            (commands, cluster, actor) => commands.WakeAsync(cluster.Id, actor, request.CancellationToken)));
        api.MapPost("/clusters/{cluster}/purge", ([AsParameters] ClusterRequest request) => request.StartAsync(
            (commands, cluster, actor) => commands.PurgeAsync(cluster.Id, actor, request.CancellationToken)));
        foreach (var verb in (string[])["upgrade", "rollback"])
        {
            api.MapPost($"/clusters/{{cluster}}/{verb}", ([AsParameters] ClusterRequest request) => request.WithAsync((cluster, _) =>
                Task.FromResult(ApiProblems.Of(new("not-supported", $"There is one Kubernetes version ({cluster.Version}) so far: nothing to {verb}.")))));
        }
    }

    private static async Task<IResult> CreateAsync(
        Contracts.NewCluster wanted, HttpContext http, ClusterCommands commands, ProjectViews projects, OperationViews operations,
        CancellationToken cancellationToken)
    {
        var actor = http.Actor();
        if (ApiWord.Parse<ClusterPurpose>(wanted.Purpose ?? "personal") is not { } purpose)
        {
            return ApiProblems.Of(new("purpose.invalid", "A purpose is personal, dev or prod.", "purpose"));
        }
        if (await projects.FindAsync(actor, wanted.Project ?? "", cancellationToken) is not { } project)
        {
            return ApiProblems.Of(ProjectAccess.NotFound with { Field = "project" });
        }
        var started = await commands.CreateAsync(new(project.Id, wanted.Name ?? "", purpose, wanted.Workers), actor, cancellationToken);
        return await started.AnswerAsync(operations, actor, cancellationToken);
    }

    private static async Task<IResult> KubeconfigAsync(
        KubeconfigIssuer issuer, ClusterView cluster, Actor actor, CancellationToken cancellationToken)
    {
        var issued = await issuer.IssueAsync(cluster.Id, actor, cancellationToken);
        return issued.Succeeded
            ? Results.Text(issued.Value.Yaml, "application/yaml", Encoding.UTF8)
            : ApiProblems.Of(issued.Error);
    }
}
