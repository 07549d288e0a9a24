using Flotilla.Provisioner.Machines.Commands;
using Flotilla.Provisioner.Machines.Networks;

namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>Of a node that was started before nodes had a first process: a file kept its mounts, on a mount that all such files shared.</summary>
internal sealed class KeptMountNamespace(CommandRunner commands, MachineOptions options)
{
    // The directory is removed by the last node: not by two at once.
    private static readonly SemaphoreSlim DirectoryLock = new(1);

    private string Directory => Path.Combine(options.RunDirectory, "mounts");

    public async Task RemoveAsync(NodeId id, CancellationToken cancellationToken)
    {
        if (!System.IO.Directory.Exists(Directory)) { return; }
        await DirectoryLock.WaitAsync(cancellationToken);
        try
        {
            var file = Path.Combine(Directory, StableName.Of($"{id.ClusterId}/{id.Name}"));
            await UnmountAsync(file, cancellationToken);
            File.Delete(file);
            if (System.IO.Directory.EnumerateFiles(Directory).Any()) { return; }
            await UnmountAsync(Directory, cancellationToken);
            System.IO.Directory.Delete(Directory);
        }
        finally
        {
            DirectoryLock.Release();
        }
    }

    private async Task UnmountAsync(string path, CancellationToken cancellationToken)
    {
        var mounts = await File.ReadAllLinesAsync("/proc/self/mountinfo", cancellationToken);
        if (mounts.Any(line => line.Split(' ')[4] == path)) { await commands.RunAsync("umount", [path], cancellationToken); }
    }
}
