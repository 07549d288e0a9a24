using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flotilla.NodeAgent.Network.Cni;

/// <summary>The CNI network list of a node: pods on a bridge, addresses out of the node's pod range, host ports.</summary>
internal static class CniConfiguration
{
    public const string FileName = "10-flotilla.conflist";
    public const string BridgeName = "cni0";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string For(string podCidr, string dataDirectory) => new JsonObject
    {
        ["cniVersion"] = "1.0.0",
        ["name"] = "flotilla",
        ["plugins"] = new JsonArray
        {
            new JsonObject
            {
                ["type"] = "bridge",
                ["bridge"] = BridgeName,
                ["isGateway"] = true,
                // Masquerading is the agent's: it knows the cluster's range, the plugin only the node's.
                ["ipMasq"] = false,
                // A pod may reach itself through its Service.
                ["hairpinMode"] = true,
                ["ipam"] = new JsonObject
                {
                    ["type"] = "host-local",
                    ["dataDir"] = dataDirectory,
                    ["ranges"] = new JsonArray { new JsonArray { new JsonObject { ["subnet"] = podCidr } } },
                    ["routes"] = new JsonArray { new JsonObject { ["dst"] = "0.0.0.0/0" } },
                },
            },
            new JsonObject
            {
                ["type"] = "portmap",
                ["capabilities"] = new JsonObject { ["portMappings"] = true },
            },
        },
    }.ToJsonString(Indented) + "\n";

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
