using Flotilla.Provisioner.Machines.Commands;
using Flotilla.Provisioner.Machines.Networks;

namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>
/// A mount namespace per node, kept by a file: whatever containerd and the agent mount (root file systems, volumes, network
/// namespaces of pods, shim sockets) is seen only by the node, and the kernel unmounts all of it when the node stops.
/// </summary>
internal sealed class NodeMountNamespace(CommandRunner commands, MachineOptions options)
{
    // What containerd keeps at fixed paths outside its own state, made the node's own.
    private const string OwnRunDirectories =
        "for d in /run/netns /run/containerd; do mkdir -p $d && mount -t tmpfs -o mode=0755 tmpfs $d; done";

    private string Directory => Path.Combine(options.RunDirectory, "mounts");

    public string FileOf(NodeId id) => Path.Combine(Directory, StableName.Of($"{id.ClusterId}/{id.Name}"));

    public async Task EnsureAsync(NodeId id, CancellationToken cancellationToken)
    {
        await EnsurePrivateDirectoryAsync(cancellationToken);
        var file = FileOf(id);
        if (await IsMountAsync(file, cancellationToken)) { return; }
        await File.WriteAllTextAsync(file, "", cancellationToken);
        await commands.RunAsync(
            "unshare", [$"--mount={file}", "--propagation=slave", "/bin/sh", "-c", OwnRunDirectories], cancellationToken);
    }

    public async Task RemoveAsync(NodeId id, CancellationToken cancellationToken)
    {
        var file = FileOf(id);
        if (await IsMountAsync(file, cancellationToken))
        {
            await commands.RunAsync("umount", [file], cancellationToken);
        }

        File.Delete(file);
        await RemoveDirectoryWhenEmptyAsync(cancellationToken);
    }

    /// <summary>A namespace can only be kept by a file on a mount that is not shared.</summary>
    private async Task EnsurePrivateDirectoryAsync(CancellationToken cancellationToken)
    {
        System.IO.Directory.CreateDirectory(Directory);
        if (await IsMountAsync(Directory, cancellationToken)) { return; }
        await commands.RunAsync("mount", ["--bind", Directory, Directory], cancellationToken);
        await commands.RunAsync("mount", ["--make-private", Directory], cancellationToken);
    }

    private async Task RemoveDirectoryWhenEmptyAsync(CancellationToken cancellationToken)
    {
        if (!await IsMountAsync(Directory, cancellationToken) || System.IO.Directory.EnumerateFiles(Directory).Any()) { return; }
        await commands.RunAsync("umount", [Directory], cancellationToken);
        System.IO.Directory.Delete(Directory);
    }

    private static async Task<bool> IsMountAsync(string path, CancellationToken cancellationToken)
    {
        var mounts = await File.ReadAllLinesAsync("/proc/self/mountinfo", cancellationToken);
        return mounts.Any(line => line.Split(' ')[4] == path);
    }
}
