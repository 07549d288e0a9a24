using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tests.CustomResources;

public sealed class StructuralSchemaTests
{
    [Fact]
    public void A_list_of_items_without_keys_is_one_value()
    {
        var schema = StructuralSchema.Root(JsonNode.Parse("""
            {"type":"object","properties":{"list":{"type":"array","x-kubernetes-list-type":"map","items":{"type":"object","properties":{"name":{"type":"string"}}}}}}
            """)!.AsObject());
        var applied = ServerSideApply.Apply(null, JsonNode.Parse("""{"list":[{"name":"a"}]}""")!.AsObject(), schema, new("me", "example.com/v1", "", DateTimeOffset.UnixEpoch, []), force: false);
        Assert.Equal("""{"f:list":{}}""", applied.Object!["metadata"]!["managedFields"]![0]!["fieldsV1"]!.ToJsonString());
    }
}
