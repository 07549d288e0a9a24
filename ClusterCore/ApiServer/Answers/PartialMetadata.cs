using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.Answers;

/// <summary><c>as=PartialObjectMetadata</c>: nothing of an object but its metadata.</summary>
internal static class PartialMetadata
{
    public static JsonObject One(JsonObject obj) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = obj["metadata"]?.DeepClone(),
    };

    public static JsonObject List(ListPage page) => new()
    {
        ["kind"] = "PartialObjectMetadataList",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = ListMeta(page),
        ["items"] = new JsonArray([.. page.Items.Select(item => One(item.Parse()))]),
    };

    public static JsonObject ListMeta(ListPage page)
    {
        var metadata = new JsonObject { ["resourceVersion"] = page.Revision.ToString() };
        if (page.Continue is not null) { metadata["continue"] = page.Continue; }
        if (page.Remaining is { } remaining) { metadata["remainingItemCount"] = remaining; }
        return metadata;
    }
}
