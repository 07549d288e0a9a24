using Flotilla.Provisioner.Machines.Cgroups;
using Flotilla.Provisioner.Machines.Commands;
using Flotilla.Provisioner.Machines.Networks;
using Flotilla.Provisioner.Machines.Processes;

namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>
/// The first process of a node, number 1 among them, which holds the node's namespaces: its network, its mounts with a root of its own, its
/// name, its processes and what these share. With its end the kernel ends all others and unmounts whatever containerd and the agent have mounted.
/// </summary>
internal sealed class NodeInit(CommandRunner commands, ProcessSupervisor processes, CgroupTree cgroups)
{
    // Becomes the parent of what lost its own, and waits for its end.
    private const string Wait = "trap exit TERM; while :; do sleep 2147483647 & wait; done";

    // $0 is the root to be, $1 its fstab, $2 the node's name. The machine's root is left for good; mounts of the new one are shared among the node and its
    // pods where these ask for it.
    private const string ChangeRoot = """
        set -e
        echo "$2" >/proc/sys/kernel/hostname
        mount --make-rprivate /
        mount --all --fstab "$1"
        mkdir "$0/run/machine"
        cd "$0"
        pivot_root . run/machine
        umount --lazy /run/machine
        rmdir /run/machine
        mount --make-rshared /
        """;

    /// <summary>Null when it does not run, or had not got its root when its starter died.</summary>
    public ProcessRecord? Find(NodePaths paths) =>
        File.Exists(paths.InitIsReady) && processes.FindRunning(paths.InitRecord) is { } init && HoldsNamespaces(init) ? init : null;

    public async Task<ProcessRecord> StartAsync(NodePaths paths, CancellationToken cancellationToken)
    {
        var mounts = NodeMounts.Of(paths, cgroups);
        await new NodeClaims(paths, commands).MoveAsync(cancellationToken);
        await new NodeRoot(paths).PrepareAsync(mounts, cancellationToken);
        await File.WriteAllLinesAsync(paths.Mounts, mounts.Select(mount => $"{mount}"), cancellationToken);
        var init = await processes.EnsureAsync(LaunchOf(paths), cancellationToken);
        await commands.RunAsync(
            "nsenter", [.. ProcessSupervisor.NamespacesOf(init), "/bin/sh", "-c", ChangeRoot, paths.Root, paths.Mounts, paths.Id.Name], cancellationToken);
        await File.WriteAllTextAsync(paths.InitIsReady, "", cancellationToken);
        return init;
    }

    /// <summary>One that was killed waits for the end of all others, and has given up its namespaces by then.</summary>
    private static bool HoldsNamespaces(ProcessRecord init) => new FileInfo($"/proc/{init.Pid}/ns/mnt").LinkTarget is not null;

    /// <summary>In the node's network from the start: the devices in /sys are those of the network that it is mounted in.</summary>
    private static ProcessLaunch LaunchOf(NodePaths paths) => new(
        paths.InitRecord,
        paths.Log("init"),
        paths.DaemonCgroup,
        [
            "/usr/bin/nsenter", $"--net={NodeNetworkNamespace.FileOf(paths.Id)}", "/usr/bin/unshare", "--mount", "--propagation=unchanged", "--pid", "--ipc", "--uts", "--fork",
            "/bin/sh", "-c", Wait,
        ])
    { IsForked = true };
}
