using Flotilla.Provisioner.Machines.Commands;

namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>
/// The directories of persistent volume claims are at a fixed path of their node. Those that a node made when that was the machine's path
/// become its own at its first start with a root of its own.
/// </summary>
internal sealed class NodeClaims(NodePaths paths, CommandRunner commands, string claims = "/var/lib/flotilla/volumes")
{
    public async Task MoveAsync(CancellationToken cancellationToken)
    {
        var own = paths.Root + claims;
        if (Directory.Exists(paths.Root + "/var")) { return; }
        foreach (var name in Records().Where(name => Directory.Exists(Path.Combine(claims, name))))
        {
            Directory.CreateDirectory(own);
            await commands.RunAsync("mv", ["--no-target-directory", Path.Combine(claims, name), Path.Combine(own, name)], cancellationToken);
        }
    }

    /// <summary>The agent keeps a file for each that it has made, by the name of its volume, which is that of its directory too.</summary>
    private IEnumerable<string> Records()
    {
        var records = new DirectoryInfo(Path.Combine(paths.AgentRoot, "made-volumes"));
        return records.Exists ? records.EnumerateFiles().Select(record => record.Name) : [];
    }
}
