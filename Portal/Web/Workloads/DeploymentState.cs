using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.Portal.Web.Workloads;

/// <summary>Where a deployment's rollout is.</summary>
internal static class DeploymentState
{
    public static string Of(Deployment deployment)
    {
        var wanted = deployment.Spec.Replicas ?? 1;
        var status = deployment.Status;
        if (status.Conditions?.Any(condition => condition is { Type: "Progressing", Status: "False" }) == true) { return "Failed"; }
        return status.ObservedGeneration >= deployment.Metadata.Generation
            && status.UpdatedReplicas >= wanted && status.AvailableReplicas >= wanted && status.Replicas == status.UpdatedReplicas
            ? "Available"
            : "Progressing";
    }
}
