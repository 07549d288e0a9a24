using System.Globalization;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Deployments;

/// <summary>The rollback that old clients ask for by annotation: the template of an earlier revision becomes the present one.</summary>
internal sealed record Rollback(string Type, string Reason, string Message, JsonArray Patch)
{
    /// <returns>Null where no rollback is asked for.</returns>
    public static Rollback? Compute(Deployment deployment, IReadOnlyList<ReplicaSet> replicaSets)
    {
        if (deployment.Metadata.Annotations?.GetValueOrDefault(Labels.RollbackTo) is not { } text
            || !long.TryParse(text, CultureInfo.InvariantCulture, out var revision))
        {
            return null;
        }
        var found = revision > 0
            ? replicaSets.FirstOrDefault(set => Rollout.RevisionOf(set) == revision)
            : replicaSets.OrderByDescending(Rollout.RevisionOf).Skip(1).FirstOrDefault();
        if (found is null)
        {
            var message = revision > 0 ? $"Unable to find the revision to rollback to: {revision}" : "Unable to find last revision.";
            return new(EventType.Warning, "DeploymentRollbackRevisionNotFound", message, new(Forget()));
        }
        if (PodTemplates.Same(found.Spec.Template, deployment.Spec.Template))
        {
            return new(
                EventType.Warning,
                "DeploymentRollbackTemplateUnchanged",
                $"The rollback revision contains the same template as current deployment \"{deployment.Metadata.Name}\"",
                new(Forget()));
        }
        var template = found.Spec.Template!.ToNode();
        (template["metadata"]?["labels"] as JsonObject)?.Remove(Labels.PodTemplateHash);
        var replace = new JsonObject { ["op"] = "replace", ["path"] = "/spec/template", ["value"] = template };
        var done = $"Rolled back deployment \"{deployment.Metadata.Name}\" to revision {Rollout.RevisionOf(found)}";
        return new(EventType.Normal, "DeploymentRollback", done, new(replace, Forget()));
    }

    private static JsonObject Forget() => new()
    {
        ["op"] = "remove",
        ["path"] = "/metadata/annotations/" + Labels.RollbackTo,
    };
}
