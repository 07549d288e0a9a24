using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Provisioner.Fleet.Alerts;

namespace Flotilla.Provisioner.Alerts.Rules;

/// <summary>Apps that are new, rollouts that are done, rollouts that do not come to an end.</summary>
public static class DeploymentRules
{
    private const string Revision = "deployment.kubernetes.io/revision";

    /// <param name="since">What happened before is not news.</param>
    public static IEnumerable<ClusterNews> Evaluate(Deployment deployment, DateTimeOffset since)
    {
        var meta = deployment.Metadata;
        if (meta.DeletionTimestamp is not null || SystemNamespaces.Contains(meta.Namespace)) { yield break; }
        var replicas = deployment.Spec.Replicas ?? 1;
        if (meta.CreationTimestamp >= Truncate(since))
        {
            yield return ClusterNews.Of(
                "Deployment", deployment, "new-app", $"{meta.Uid}", AlertSeverity.Info, $"New app {meta.Name}",
                $"Deployment {meta.Name} was created in namespace {meta.Namespace} with {replicas} replicas.");
        }
        var progressing = deployment.Status.Conditions?.FirstOrDefault(condition => condition.Type == "Progressing");
        if ((progressing?.LastUpdateTime ?? meta.CreationTimestamp) < Truncate(since)) { yield break; }
        if (IsRolledOut(deployment, replicas))
        {
            yield return ClusterNews.Of(
                "Deployment", deployment, "deployed", $"{meta.Uid}/{RevisionOf(deployment)}", AlertSeverity.Info, $"{meta.Name} deployed",
                $"Revision {RevisionOf(deployment)} of {meta.Name} in namespace {meta.Namespace} is rolled out: {deployment.Status.AvailableReplicas}/{replicas} replicas are available.");
        }
        if (progressing is { Status: "False", Reason: "ProgressDeadlineExceeded" })
        {
            yield return ClusterNews.Of(
                "Deployment", deployment, "rollout-stuck", $"{meta.Uid}/{RevisionOf(deployment)}", AlertSeverity.Warning, $"{meta.Name} does not roll out",
                $"Revision {RevisionOf(deployment)} of {meta.Name} in namespace {meta.Namespace}: {progressing.Message}");
        }
    }

    /// <summary>As <c>kubectl rollout status</c> sees it. An app of no replicas has nothing that could be deployed.</summary>
    private static bool IsRolledOut(Deployment deployment, int replicas) =>
        replicas > 0
        && deployment.Status.ObservedGeneration >= deployment.Metadata.Generation
        && deployment.Status.UpdatedReplicas >= replicas
        && deployment.Status.Replicas <= deployment.Status.UpdatedReplicas
        && deployment.Status.AvailableReplicas >= deployment.Status.UpdatedReplicas;

    // Not the generation: that rises with every scaling too, which deploys nothing.
    private static string RevisionOf(Deployment deployment) => deployment.Metadata.Annotations?.GetValueOrDefault(Revision) ?? "1";

    // Kubernetes' times are whole seconds.
    private static DateTimeOffset Truncate(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
