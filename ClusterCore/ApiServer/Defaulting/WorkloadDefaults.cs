using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class WorkloadDefaults
{
    /// <summary>A field of old, which lives on as an annotation that the server keeps.</summary>
    public const string TemplateGeneration = "deprecated.daemonset.template.generation";

    public static void Deployment(JsonObject deployment)
    {
        var spec = deployment.Ensure("spec");
        PodDefaults.Template(spec.Object("template"));
        spec.Default("replicas", 1);
        var strategy = spec.Ensure("strategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            var rollingUpdate = strategy.Ensure("rollingUpdate");
            rollingUpdate.Default("maxUnavailable", "25%");
            rollingUpdate.Default("maxSurge", "25%");
        }

        spec.Default("revisionHistoryLimit", 10);
        spec.Default("progressDeadlineSeconds", 600);
    }

    public static void ReplicaSet(JsonObject replicaSet)
    {
        var spec = replicaSet.Ensure("spec");
        PodDefaults.Template(spec.Object("template"));
        spec.Default("replicas", 1);
    }

    public static void ReplicationController(JsonObject controller)
    {
        var spec = controller.Ensure("spec");
        PodDefaults.Template(spec.Object("template"));
        spec.Default("replicas", 1);
        if (spec.Object("template")?.Metadata()?.Object("labels") is { } labels)
        {
            spec["selector"] = spec.Object("selector") is { Count: > 0 } selector ? selector.DeepClone() : labels.DeepClone();
            DefaultLabels(controller, labels);
        }
    }

    public static void StatefulSet(JsonObject set)
    {
        var spec = set.Ensure("spec");
        PodDefaults.Template(spec.Object("template"));
        spec.Default("podManagementPolicy", "OrderedReady");
        StatefulSetStrategy(spec.Ensure("updateStrategy"));
        var retention = spec.Ensure("persistentVolumeClaimRetentionPolicy");
        retention.Default("whenDeleted", "Retain");
        retention.Default("whenScaled", "Retain");
        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        foreach (var claim in spec.Items("volumeClaimTemplates"))
        {
            claim["kind"] = "PersistentVolumeClaim";
            claim["apiVersion"] = "v1";
            StorageDefaults.PersistentVolumeClaim(claim);
        }
    }

    public static void DaemonSet(JsonObject set)
    {
        var spec = set.Ensure("spec");
        PodDefaults.Template(spec.Object("template"));
        var strategy = spec.Ensure("updateStrategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            var rollingUpdate = strategy.Ensure("rollingUpdate");
            rollingUpdate.Default("maxUnavailable", 1);
            rollingUpdate.Default("maxSurge", 0);
        }

        spec.Default("revisionHistoryLimit", 10);
        var annotations = set.Ensure("metadata").Ensure("annotations");
        if (!(long.TryParse(annotations.Text(TemplateGeneration), out var generation) && generation > 0)) { annotations[TemplateGeneration] = "1"; }
    }

    /// <summary>An object without labels gets those of its pods.</summary>
    public static void DefaultLabels(JsonObject obj, JsonObject labels)
    {
        var metadata = obj.Ensure("metadata");
        if (metadata.Object("labels") is not { Count: > 0 } && labels.Count > 0)
        {
            metadata["labels"] = labels.DeepClone();
        }
    }

    private static void StatefulSetStrategy(JsonObject strategy)
    {
        if (!strategy.Has("type"))
        {
            strategy["type"] = "RollingUpdate";
            strategy.Ensure("rollingUpdate");
        }

        if (strategy.Text("type") == "RollingUpdate" && strategy.Object("rollingUpdate") is { } rollingUpdate)
        {
            rollingUpdate.Default("partition", 0);
        }
    }
}
