using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.NodeAgent.Kubelet.Tests.Containerd;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Nodes;

/// <summary>As documented for operators: <c>PATCH /api/v1/nodes/NAME/status</c> with more capacity.</summary>
public sealed class ExtendedResourceTests(NodeFixture node)
{
    private const string Dongle = "example.com/dongle";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_added_to_a_nodes_capacity_is_for_pods_until_it_is_taken_away()
    {
        using var client = node.Api.Client();
        await OfferAsync(client, "4");
        await Eventually.TrueAsync(async () => await AllocatableAsync(client) == "4", "the dongles can be asked for");
        await OfferAsync(client, null);
        await Eventually.TrueAsync(async () => await AllocatableAsync(client) is null, "the dongles are gone");
    }

    private static async Task OfferAsync(ApiClient client, string? amount)
    {
        var patch = new JsonObject { ["status"] = new JsonObject { ["capacity"] = new JsonObject { [Dongle] = amount } } };
        (await client.PatchStatusAsync(Kinds.Nodes, null, "node-0", Patch.Merge(patch), Cancellation)).OrThrow();
    }

    private static async Task<string?> AllocatableAsync(ApiClient client) =>
        (await client.GetAsync(Kinds.Nodes, null, "node-0", Cancellation)).OrThrow().Status.Allocatable?.GetValueOrDefault(Dongle);
}
