using Flotilla.Provisioner.Machines.Cgroups;
using Flotilla.Provisioner.Machines.Commands;
using Flotilla.Provisioner.Machines.Networks;
using Flotilla.Provisioner.Machines.Processes;

namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>
/// A node on a shared machine: namespaces of its own for network, files and processes, a cgroup subtree, its own containerd and agent.
/// Inside, the agent cannot tell it from a real server.
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
    private readonly NodeInit init = new(commands, processes, cgroups);
    private readonly KeptMountNamespace kept = new(commands, options);
    private readonly NodeImages images = new(options, commands);

    public async Task<NodeProcesses> EnsureAsync(NodeSpec spec, CancellationToken cancellationToken)
    {
        var paths = new NodePaths(options, spec.Id);
        if (await FirstAsync(spec, paths, cancellationToken) is not { } first) { return Running(paths)!; }
        var containerd = await processes.EnsureAsync(ContainerdLaunch(paths, first), cancellationToken);
        await WaitForSocketAsync(paths, containerd, cancellationToken);
        await images.ImportAsync(paths, cancellationToken);
        return new(containerd, await processes.EnsureAsync(AgentLaunch(spec, paths, first), cancellationToken));
    }

    public bool IsRunning(NodeId id) => Running(new(options, id)) is not null;

    public async Task StopAsync(NodeId id, CancellationToken cancellationToken)
    {
        var paths = new NodePaths(options, id);
        await processes.StopAsync(paths.AgentRecord, options.StopTimeout, cancellationToken);
        await processes.StopAsync(paths.ContainerdRecord, options.StopTimeout, cancellationToken);
        await processes.StopAsync(paths.InitRecord, options.StopTimeout, cancellationToken);
        await cgroups.RemoveAsync(paths.Cgroup, clock, cancellationToken);
        await kept.RemoveAsync(id, cancellationToken);
        await networks.RemoveAsync(id, cancellationToken);
        if (Directory.Exists(paths.Run)) { Directory.Delete(paths.Run, recursive: true); }
    }

    public void Purge(NodeId id)
    {
        var disk = new NodePaths(options, id).Disk;
        if (Directory.Exists(disk)) { Directory.Delete(disk, recursive: true); }
    }

    private NodeProcesses? Running(NodePaths paths) =>
        processes.FindRunning(paths.ContainerdRecord) is { } containerd && processes.FindRunning(paths.AgentRecord) is { } agent ? new(containerd, agent) : null;

    /// <summary>
    /// The node's first process, and all that it needs. Null for a node that was started before nodes had one: it goes on as it is until one
    /// of its processes ends, and is then started anew.
    /// </summary>
    private async Task<ProcessRecord?> FirstAsync(NodeSpec spec, NodePaths paths, CancellationToken cancellationToken)
    {
        var running = init.Find(paths);
        if (running is null && Running(paths) is null) { await StopAsync(spec.Id, cancellationToken); }
        await networks.EnsureAsync(spec, cancellationToken);
        cgroups.Create(paths.Cgroup);
        await WriteFilesAsync(spec, paths, cancellationToken);
        return running ?? (Running(paths) is null ? await init.StartAsync(paths, cancellationToken) : null);
    }

    private async Task WriteFilesAsync(NodeSpec spec, NodePaths paths, CancellationToken cancellationToken)
    {
        foreach (var directory in (string[])[paths.State, paths.Root, paths.ContainerdRoot, paths.CniConfig, paths.AgentRoot, paths.Config])
        {
            Directory.CreateDirectory(directory);
        }

        var config = ContainerdConfig.Render(paths, options.CniBinDirectory, !Capabilities.HasSysResource());
        await File.WriteAllTextAsync(paths.ContainerdConfig, config, cancellationToken);
        await SecretFile.WriteAsync(paths.Kubeconfig, spec.Kubeconfig, cancellationToken);
    }

    private static ProcessLaunch ContainerdLaunch(NodePaths paths, ProcessRecord first) => Launch(
        paths, first, paths.ContainerdRecord, "containerd", ["/usr/bin/containerd", "--config", paths.ContainerdConfig]);

    private ProcessLaunch AgentLaunch(NodeSpec spec, NodePaths paths, ProcessRecord first) => Launch(
        paths,
        first,
        paths.AgentRecord,
        "nodeagent",
        [
            $"{NodeMounts.Programs}/{Path.GetFileName(paths.Agent)}", "run",
            "--kubeconfig", paths.Kubeconfig,
            "--name", spec.Id.Name,
            "--root-dir", paths.AgentRoot,
            "--containerd-socket", ContainerdConfig.Socket,
            "--node-ip", spec.Address.ToString(),
            "--cgroup-root", paths.Cgroup,
            "--cni-bin-dir", options.CniBinDirectory,
            "--cni-conf-dir", paths.CniConfig,
            "--eviction-hard", EvictionHard,
            .. spec.ExtraArguments,
        ]) with
    { Environment = smallHeap };

    private static ProcessLaunch Launch(NodePaths paths, ProcessRecord first, string recordFile, string name, IReadOnlyList<string> command) =>
        new(recordFile, paths.Log(name), paths.DaemonCgroup, command) { NamespacesOf = first };

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
