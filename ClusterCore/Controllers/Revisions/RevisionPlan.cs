using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Revisions;

/// <summary>
/// The templates a workload has had, kept as controller revisions. The present one is found among them, or has to be made; one that
/// is used again gets the highest number.
/// </summary>
/// <param name="Update">The present template's revision, where it exists.</param>
/// <param name="UpdateName">Its name, whether it exists or not.</param>
/// <param name="Number">The number it must have.</param>
internal sealed record RevisionPlan(ControllerRevision? Update, string UpdateName, string Hash, long Number, RawJson Data)
{
    public bool MustCreate => Update is null;

    public bool MustRenumber => Update is not null && Update.Revision != Number;

    public static RevisionPlan Compute(
        KubernetesObject owner, RawJson? template, IReadOnlyList<ControllerRevision> history, int? collisionCount)
    {
        var data = Restoring(template);
        var hash = PodTemplates.Hash(data, collisionCount);
        var highest = history.Select(revision => revision.Revision).DefaultIfEmpty().Max();
        var equal = history.Where(revision => revision.Data is { } known && JsonNode.DeepEquals(known.ToNode(), data))
            .OrderByDescending(revision => revision.Revision).FirstOrDefault();
        var number = equal is null ? highest + 1 : equal.Revision == highest ? highest : highest + 1;
        var name = equal?.Metadata.Name ?? $"{owner.Metadata.Name}-{hash}";
        return new(equal, name, equal?.Metadata.Labels?.GetValueOrDefault(Labels.ControllerRevisionHash) ?? hash, number, RawJson.From(data));
    }

    /// <summary>Revisions nobody uses, beyond the limit; oldest first.</summary>
    /// <param name="limit">Below zero for none: a StatefulSet may say so.</param>
    public static IReadOnlyList<ControllerRevision> Surplus(
        IReadOnlyList<ControllerRevision> history, IReadOnlySet<string> used, int limit)
    {
        var unused = history.Where(revision => !used.Contains(revision.Metadata.Name)).OrderBy(revision => revision.Revision).ToArray();
        return limit < 0 ? [] : [.. unused.Take(Math.Max(0, unused.Length - limit))];
    }

    /// <summary>The template that a revision stands for.</summary>
    public static RawJson? TemplateOf(ControllerRevision revision)
    {
        var template = revision.Data?.ToNode()["spec"]?["template"] as JsonObject;
        template?.Remove("$patch");
        return template is null ? null : RawJson.From(template);
    }

    /// <summary>With the labels of the template, and the owner's annotations: a rollout's history tells the cause of each change by them.</summary>
    public JsonObject Object(KubernetesObject owner, string hashLabel)
    {
        var data = Data.ToNode();
        var labels = data["spec"]?["template"]?["metadata"]?["labels"]?.DeepClone() as JsonObject ?? [];
        labels[hashLabel] = Hash;
        return new()
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = UpdateName,
                ["namespace"] = owner.Metadata.Namespace,
                ["labels"] = labels,
                ["annotations"] = new JsonObject(owner.Metadata.Annotations?.Select(static pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)) ?? []),
                ["ownerReferences"] = new JsonArray(PodTemplates.ControllerReference(owner)),
            },
            ["data"] = data,
            ["revision"] = Number,
        };
    }

    /// <summary>The template as a patch that puts it back: what kubectl's rollback applies.</summary>
    private static JsonObject Restoring(RawJson? template)
    {
        var tree = template?.ToNode() as JsonObject ?? [];
        tree["$patch"] = "replace";
        return (JsonObject)InOrder(new JsonObject { ["spec"] = new JsonObject { ["template"] = tree } })!;
    }

    /// <summary>Fields by name, as Go writes a map: clients find the present revision by comparing bytes.</summary>
    private static JsonNode? InOrder(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.OrderBy(static field => field.Key, StringComparer.Ordinal).Select(static field => KeyValuePair.Create(field.Key, InOrder(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(InOrder)]),
        _ => node?.DeepClone(),
    };
}
