using Flotilla.Provisioner.Machines.Commands;
using Flotilla.Provisioner.Machines.Networks;

namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>
/// A mount namespace per node, kept by a file: whatever containerd and the agent mount (root file systems, volumes, network
/// namespaces of pods, shim sockets) is seen only by the node, and the kernel unmounts all of it when the node stops.
/// </summary>
internal sealed class NodeMountNamespace(CommandRunner commands, MachineOptions options)
{
    // Mounts are shared among the node and its pods where these ask for it, and still come from the machine only. What containerd
    // keeps at fixed paths outside its own state is made the node's own.
    private const string OwnRunDirectories =
        "mount --make-rshared / && for d in /run/netns /run/containerd; do mkdir -p $d && mount -t tmpfs -o mode=0755 tmpfs $d; done";

    // The directory is made by the first node and removed by the last: not both at once.
    private static readonly SemaphoreSlim DirectoryLock = new(1);

    private string Directory => Path.Combine(options.RunDirectory, "mounts");

    public string FileOf(NodeId id) => Path.Combine(Directory, StableName.Of($"{id.ClusterId}/{id.Name}"));

    public async Task EnsureAsync(NodeId id, CancellationToken cancellationToken)
    {
        await DirectoryLock.WaitAsync(cancellationToken);
        try
        {
            await EnsurePrivateDirectoryAsync(cancellationToken);
            await EnsureNamespaceAsync(FileOf(id), cancellationToken);
        }
        finally
        {
            DirectoryLock.Release();
        }
    }

    public async Task RemoveAsync(NodeId id, CancellationToken cancellationToken)
    {
        await DirectoryLock.WaitAsync(cancellationToken);
        try
        {
            await RemoveNamespaceAsync(FileOf(id), cancellationToken);
            await RemoveDirectoryWhenEmptyAsync(cancellationToken);
        }
        finally
        {
            DirectoryLock.Release();
        }
    }

    private async Task EnsureNamespaceAsync(string file, CancellationToken cancellationToken)
    {
        if (await IsMountAsync(file, cancellationToken)) { return; }
        await File.WriteAllTextAsync(file, "", cancellationToken);
        await commands.RunAsync(
            "unshare", [$"--mount={file}", "--propagation=slave", "/bin/sh", "-c", OwnRunDirectories], cancellationToken);
    }

    private async Task RemoveNamespaceAsync(string file, CancellationToken cancellationToken)
    {
        if (await IsMountAsync(file, cancellationToken))
        {
            await commands.RunAsync("umount", [file], cancellationToken);
        }

        if (File.Exists(file)) { File.Delete(file); }
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
