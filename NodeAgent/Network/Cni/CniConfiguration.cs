using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flotilla.NodeAgent.Network.Cni;

/// <summary>The CNI network list of a node: pods on a bridge, addresses out of the node's pod range, host ports.</summary>
internal static class CniConfiguration
{
    public const string FileName = "10-flotilla.conflist";
    public const string BridgeName = "cni0";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <param name="bridgeFilter">
    /// Whether packets between two pods of a bridge pass the node's rules. Without that an answer would not be translated
    /// back, so each pod gets a link of its own to the node instead, and everything is routed.
    /// </param>
    public static string For(string podCidr, string dataDirectory, bool bridgeFilter)
    {
        var link = bridgeFilter ? Bridge() : new JsonObject { ["type"] = "ptp", ["ipMasq"] = false };
        link["ipam"] = AddressesOf(podCidr, dataDirectory);
        return new JsonObject
        {
            ["cniVersion"] = "1.0.0",
            ["name"] = "flotilla",
            ["plugins"] = new JsonArray(
                link,
                new JsonObject { ["type"] = "portmap", ["capabilities"] = new JsonObject { ["portMappings"] = true } }),
        }.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Bridge() => new()
    {
        ["type"] = "bridge",
        ["bridge"] = BridgeName,
        ["isGateway"] = true,
        // Masquerading is the agent's: it knows the cluster's range, the plugin only the node's.
        ["ipMasq"] = false,
        // A pod may reach itself through its Service.
        ["hairpinMode"] = true,
    };

    private static JsonObject AddressesOf(string podCidr, string dataDirectory) => new()
    {
        ["type"] = "host-local",
        ["dataDir"] = dataDirectory,
        ["ranges"] = new JsonArray(new JsonArray(new JsonObject { ["subnet"] = podCidr })),
        ["routes"] = new JsonArray(new JsonObject { ["dst"] = "0.0.0.0/0" }),
    };

    /// <summary>Written whole and then named: containerd watches the folder.</summary>
    public static async Task WriteAsync(string directory, string content, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        if (File.Exists(path) && await File.ReadAllTextAsync(path, cancellationToken) == content) { return; }
        var temporary = Path.Combine(directory, "." + FileName);
        await File.WriteAllTextAsync(temporary, content, cancellationToken);
        File.Move(temporary, path, overwrite: true);
    }
}
