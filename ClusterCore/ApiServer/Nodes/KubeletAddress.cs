using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>Where a node's kubelet listens, as the node itself says.</summary>
/// <param name="Node">Empty for what is no kubelet.</param>
internal readonly record struct KubeletAddress(string Host, int Port, string Node = "")
{
    private const int UsualPort = 10250;
    private static readonly string[] preference = ["InternalIP", "ExternalIP", "Hostname"];
    private static readonly GroupResource nodes = new("", "nodes");

    public static async ValueTask<KubeletAddress> OfNodeAsync(ObjectStore objects, string name, CancellationToken cancellationToken)
    {
        var node = (await objects.GetAsync(new(nodes, "", name), cancellationToken) ?? throw Refusal.NotFound(nodes, name)).Parse();
        var addresses = (node["status"]?["addresses"] as JsonArray ?? []).OfType<JsonObject>().ToArray();
        var best = preference.Select(type => Array.Find(addresses, one => ObjectMeta.Text(one, "type") == type)).FirstOrDefault(one => one is not null)
            ?? throw Refusal.Internal($"no preferred addresses found; known addresses: []");
        var port = ObjectMeta.Number(node["status"]?["daemonEndpoints"]?["kubeletEndpoint"], "Port") ?? UsualPort;
        return new(ObjectMeta.Text(best, "address"), (int)port, name);
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
