using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;

namespace Flotilla.Portal.Web.Api;

/// <summary>What every route of one cluster has: which one, who asks, and what answers.</summary>
internal sealed class ClusterRequest
{
    public required string Cluster { get; init; }

    public string? Project { get; init; }

    public required HttpContext Http { get; init; }

    public required ClusterViews Clusters { get; init; }

    public required OperationViews Operations { get; init; }

    public required ClusterCommands Commands { get; init; }

    public required CancellationToken CancellationToken { get; init; }

    public Task<IResult> StartAsync(Func<ClusterCommands, ClusterView, Actor, Task<Outcome<StartedOperation>>> command) =>
        WithAsync(async (cluster, actor) =>
            await (await command(Commands, cluster, actor)).AnswerAsync(Operations, actor, CancellationToken));

    public async Task<IResult> WithAsync(Func<ClusterView, Actor, Task<IResult>> answer)
    {
        var actor = Http.Actor();
        var found = await Clusters.FindAsync(actor, Cluster, Project, CancellationToken);
        return found.Succeeded ? await answer(found.Value, actor) : ApiProblems.Of(found.Error);
    }
}
