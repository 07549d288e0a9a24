using System.Globalization;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Deployments;

/// <summary>The replica set of a deployment's present template, and the annotations that deployments keep on theirs.</summary>
internal static class ReplicaSetTemplate
{
    private static readonly HashSet<string> NotCopied = new(StringComparer.Ordinal)
    {
        Labels.LastApplied, Labels.Revision, Labels.RevisionHistory, Labels.DesiredReplicas, Labels.MaxReplicas, Labels.RollbackTo,
    };

    public static JsonObject Create(Rollout rollout, NewReplicaSet wanted)
    {
        var deployment = rollout.Deployment;
        var template = (JsonObject)(deployment.Spec.Template?.ToNode() ?? new JsonObject());
        var labels = Child(Child(template, "metadata"), "labels");
        labels[Labels.PodTemplateHash] = wanted.Hash;
        var selector = (JsonObject)System.Text.Json.JsonSerializer.SerializeToNode(
            deployment.Spec.Selector ?? new(), ObjectJson.Default.LabelSelectorSpec)!;
        Child(selector, "matchLabels")[Labels.PodTemplateHash] = wanted.Hash;
        var annotations = Copied(deployment);
        annotations[Labels.Revision] = Text(rollout.Revision);
        annotations[Labels.DesiredReplicas] = Text(rollout.Replicas);
        annotations[Labels.MaxReplicas] = Text(rollout.Replicas + rollout.MaxSurge);
        return new()
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = Name(deployment, wanted.Hash),
                ["namespace"] = deployment.Metadata.Namespace,
                ["labels"] = labels.DeepClone(),
                ["annotations"] = annotations,
                ["ownerReferences"] = new JsonArray(PodTemplates.ControllerReference(deployment)),
            },
            ["spec"] = new JsonObject
            {
                ["replicas"] = wanted.Replicas,
                ["minReadySeconds"] = deployment.Spec.MinReadySeconds,
                ["selector"] = selector,
                ["template"] = template,
            },
        };
    }

    public static string Name(Deployment deployment, string hash) => $"{deployment.Metadata.Name}-{hash}";

    /// <summary>What has to change on the current replica set so that it carries its revision and the deployment's annotations.</summary>
    public static JsonObject? Refresh(Rollout rollout, ReplicaSet set)
    {
        var annotations = new JsonObject();
        foreach (var (name, value) in Copied(rollout.Deployment))
        {
            if (set.Metadata.Annotations?.GetValueOrDefault(name) != (string?)value)
            {
                annotations[name] = value?.DeepClone();
            }
        }
        var before = Rollout.RevisionOf(set);
        if (before < rollout.Revision)
        {
            annotations[Labels.Revision] = Text(rollout.Revision);
            if (before > 0)
            {
                var history = set.Metadata.Annotations?.GetValueOrDefault(Labels.RevisionHistory);
                annotations[Labels.RevisionHistory] = string.IsNullOrEmpty(history) ? Text(before) : $"{history},{before}";
            }
        }
        var body = new JsonObject();
        if (annotations.Count > 0)
        {
            body["metadata"] = new JsonObject { ["annotations"] = annotations };
        }
        if (set.Spec.MinReadySeconds != rollout.Deployment.Spec.MinReadySeconds)
        {
            body["spec"] = new JsonObject { ["minReadySeconds"] = rollout.Deployment.Spec.MinReadySeconds };
        }
        return body.Count == 0 ? null : body;
    }

    /// <summary>A size, and the sizes it is a part of. The resource version keeps a stale decision from being written.</summary>
    public static JsonObject Resize(Rollout rollout, Scale scale) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["resourceVersion"] = scale.ReplicaSet.Metadata.ResourceVersion,
            ["annotations"] = new JsonObject
            {
                [Labels.DesiredReplicas] = Text(rollout.Replicas),
                [Labels.MaxReplicas] = Text(rollout.Replicas + rollout.MaxSurge),
            },
        },
        ["spec"] = new JsonObject { ["replicas"] = scale.Replicas },
    };

    private static JsonObject Copied(Deployment deployment)
    {
        var copied = new JsonObject();
        foreach (var (name, value) in deployment.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            if (!NotCopied.Contains(name))
            {
                copied[name] = value;
            }
        }
        return copied;
    }

    private static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child)
        {
            parent[name] = child = [];
        }
        return child;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
