using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Status;

namespace Flotilla.ClusterCore.Controllers.Revisions;

/// <summary>Reads and writes the controller revisions of one kind of workload.</summary>
/// <param name="hashLabel">Where its revisions have the hash of their template.</param>
internal sealed class RevisionHistory(ControllerContext context, string hashLabel)
{
    private readonly Informer<ControllerRevision> revisions = context.Informers.Get(Kinds.ControllerRevisions).IndexByController();

    public ControllerRevision[] Of(KubernetesObject owner) => revisions.ControlledBy(owner.Metadata.Uid!);

    /// <returns>False where the name is another's: the hash must change.</returns>
    public async Task<bool> WriteAsync(RevisionPlan plan, KubernetesObject owner, CancellationToken cancellationToken)
    {
        if (plan.MustCreate)
        {
            var created = await context.Client.CreateAsync(
                Kinds.ControllerRevisions, owner.Metadata.Namespace, plan.Object(owner, hashLabel), cancellationToken);
            if (created.AlreadyExists)
            {
                return await IsOursAsync(plan, owner, cancellationToken);
            }
            if (!created.IsRefusedByTermination())
            {
                created.OrThrow();
            }
        }
        else if (plan.MustRenumber)
        {
            var body = new JsonObject { ["revision"] = plan.Number };
            await context.Client.PatchAsync(
                Kinds.ControllerRevisions, owner.Metadata.Namespace, plan.UpdateName, Patch.Merge(body), cancellationToken);
        }
        return true;
    }

    public async Task DeleteAsync(IReadOnlyList<ControllerRevision> surplus, CancellationToken cancellationToken)
    {
        foreach (var revision in surplus)
        {
            await context.Client.DeleteAsync(
                Kinds.ControllerRevisions, revision.Metadata.Namespace, revision.Metadata.Name, cancellationToken);
        }
    }

    /// <summary>The revision may be ours, made a moment ago and not in the cache yet.</summary>
    private async Task<bool> IsOursAsync(RevisionPlan plan, KubernetesObject owner, CancellationToken cancellationToken)
    {
        var found = await context.Client.GetAsync(
            Kinds.ControllerRevisions, owner.Metadata.Namespace, plan.UpdateName, cancellationToken);
        return found.Value is { } revision && revision.ControllerOwner()?.Uid == owner.Metadata.Uid
            && JsonNode.DeepEquals(revision.Data?.ToNode(), plan.Data.ToNode());
    }
}
