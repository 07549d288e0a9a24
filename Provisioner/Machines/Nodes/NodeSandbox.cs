using Flotilla.Provisioner.Machines.Cgroups;
using Flotilla.Provisioner.Machines.Commands;
using Flotilla.Provisioner.Machines.Networks;
using Flotilla.Provisioner.Machines.Processes;

namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>
/// A node on a shared machine: network namespace, mount namespace, cgroup subtree, its own containerd and agent. Inside, the
/// agent cannot tell it from a real server.
/// </summary>
internal sealed class NodeSandbox(
    MachineOptions options, CommandRunner commands, ProcessSupervisor processes, CgroupTree cgroups, TimeProvider clock)
{
    // All nodes of a machine see the same disk: a share of it, as a machine of one's own has, would have them all evict at once.
    private const string EvictionHard = "memory.available<100Mi,nodefs.available<1Gi,imagefs.available<1Gi,nodefs.inodesFree<1%";

    /// <summary>
    /// The runtime lets garbage grow to the size of the processor's cache before it looks at it, tens of megabytes on a server; the
    /// agent makes little. Only the environment can say so.
    /// </summary>
    private static readonly Dictionary<string, string> smallHeap = new() { ["DOTNET_GCgen0size"] = "0x400000" };

    private readonly NodeNetworkNamespace networks = new(commands);
    private readonly NodeMountNamespace mounts = new(commands, options);
    private readonly NodeImages images = new(options, commands);

    public async Task<NodeProcesses> EnsureAsync(NodeSpec spec, CancellationToken cancellationToken)
    {
        var paths = new NodePaths(options, spec.Id);
        await networks.EnsureAsync(spec, cancellationToken);
        await mounts.EnsureAsync(spec.Id, cancellationToken);
        cgroups.Create(paths.Cgroup);
        await WriteFilesAsync(spec, paths, cancellationToken);
        var containerd = await processes.EnsureAsync(ContainerdLaunch(paths), cancellationToken);
        await WaitForSocketAsync(paths, containerd, cancellationToken);
        await images.ImportAsync(paths, cancellationToken);
        return new(containerd, await processes.EnsureAsync(AgentLaunch(spec, paths), cancellationToken));
    }

    public bool IsRunning(NodeId id)
    {
        var paths = new NodePaths(options, id);
        return processes.FindRunning(paths.ContainerdRecord) is not null && processes.FindRunning(paths.AgentRecord) is not null;
    }

    public async Task StopAsync(NodeId id, CancellationToken cancellationToken)
    {
        var paths = new NodePaths(options, id);
        await processes.StopAsync(paths.AgentRecord, options.StopTimeout, cancellationToken);
        await processes.StopAsync(paths.ContainerdRecord, options.StopTimeout, cancellationToken);
        await cgroups.RemoveAsync(paths.Cgroup, clock, cancellationToken);
        await mounts.RemoveAsync(id, cancellationToken);
        await networks.RemoveAsync(id, cancellationToken);
        if (Directory.Exists(paths.Run)) { Directory.Delete(paths.Run, recursive: true); }
    }

    public void Purge(NodeId id)
    {
        var disk = new NodePaths(options, id).Disk;
        if (Directory.Exists(disk)) { Directory.Delete(disk, recursive: true); }
    }

    private async Task WriteFilesAsync(NodeSpec spec, NodePaths paths, CancellationToken cancellationToken)
    {
        foreach (var directory in (string[])[paths.Disk, paths.Run, paths.CniConfig, paths.AgentRoot])
        {
            Directory.CreateDirectory(directory);
        }

        var config = ContainerdConfig.Render(paths, options.CniBinDirectory, !Capabilities.HasSysResource());
        await File.WriteAllTextAsync(paths.ContainerdConfig, config, cancellationToken);
        await SecretFile.WriteAsync(paths.Kubeconfig, spec.Kubeconfig, cancellationToken);
    }

    private ProcessLaunch ContainerdLaunch(NodePaths paths) => Launch(
        paths, paths.ContainerdRecord, "containerd", ["/usr/bin/containerd", "--config", paths.ContainerdConfig]);

    private ProcessLaunch AgentLaunch(NodeSpec spec, NodePaths paths) => Launch(
        paths,
        paths.AgentRecord,
        "nodeagent",
        [
            Path.Combine(options.BinDirectory, "nodeagent"), "run",
            "--kubeconfig", paths.Kubeconfig,
            "--name", spec.Id.Name,
            "--root-dir", paths.AgentRoot,
            "--containerd-socket", paths.Socket,
            "--node-ip", spec.Address.ToString(),
            "--cgroup-root", paths.Cgroup,
            "--cni-bin-dir", options.CniBinDirectory,
            "--cni-conf-dir", paths.CniConfig,
            "--eviction-hard", EvictionHard,
            .. spec.ExtraArguments,
        ]) with
    { Environment = smallHeap };

    private ProcessLaunch Launch(NodePaths paths, string recordFile, string name, IReadOnlyList<string> command) => new(
        recordFile, paths.Log(name), paths.DaemonCgroup, command, NodeNetworkNamespace.FileOf(paths.Id), mounts.FileOf(paths.Id));

    private async Task WaitForSocketAsync(NodePaths paths, ProcessRecord containerd, CancellationToken cancellationToken)
    {
        while ((await commands.TryRunAsync("ctr", ["-a", paths.Socket, "version"], cancellationToken)).ExitCode != 0)
        {
            if (!ProcFs.IsRunning(containerd))
            {
                throw new MachineException($"containerd of node {paths.Id.Name} ended at its start: {ProcessLog.LastWords(paths.Log("containerd"))}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancellationToken);
        }
    }
}
