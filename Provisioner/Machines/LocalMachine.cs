using Flotilla.Provisioner.Machines.Cgroups;
using Flotilla.Provisioner.Machines.Commands;
using Flotilla.Provisioner.Machines.ControlPlanes;
using Flotilla.Provisioner.Machines.Networks;
using Flotilla.Provisioner.Machines.Nodes;
using Flotilla.Provisioner.Machines.Processes;

namespace Flotilla.Provisioner.Machines;

/// <summary>The machine this process runs on.</summary>
public sealed class LocalMachine : IMachine
{
    private static readonly string[] Tools =
        ["/usr/bin/setsid", "/usr/bin/nsenter", "/usr/bin/unshare", "/usr/bin/mount", "/usr/sbin/pivot_root", "/usr/bin/containerd", "/usr/bin/ctr", "/usr/sbin/runc", "/usr/sbin/nft"];

    private readonly MachineOptions options;
    private readonly CgroupTree cgroups = new();
    private readonly ClusterBridge bridges;
    private readonly ControlPlaneProcess controlPlanes;
    private readonly EtcdProcess etcd;
    private readonly NodeSandbox nodes;
    private readonly TimeProvider clock;

    public LocalMachine(MachineOptions options, TimeProvider clock)
    {
        this.options = options;
        this.clock = clock;
        var commands = new CommandRunner();
        var processes = new ProcessSupervisor(cgroups, clock);
        bridges = new(commands);
        controlPlanes = new(options, processes, cgroups, clock);
        etcd = new(options, processes, cgroups, clock);
        nodes = new(options, commands, processes, cgroups, clock);
    }

    public Task<IReadOnlyList<string>> FindProblemsAsync(CancellationToken cancellationToken)
    {
        List<string> problems = [.. Tools.Where(tool => !File.Exists(tool)).Select(tool => $"{tool} is missing; run deploy/up to install it.")];
        if (!Environment.IsPrivilegedProcess)
        {
            problems.Add("The provisioner does not run as root; it needs root to make network namespaces, mounts and cgroups.");
        }

        if (!File.Exists(Path.Combine(options.CniBinDirectory, "bridge")))
        {
            problems.Add($"{options.CniBinDirectory} holds no CNI plugins; install containernetworking-plugins (deploy/up does).");
        }

        return Task.FromResult<IReadOnlyList<string>>(problems);
    }

    public Task EnsureClusterNetworkAsync(ClusterNetwork network, CancellationToken cancellationToken) =>
        bridges.EnsureAsync(network, cancellationToken);

    public async Task RemoveClusterNetworkAsync(ClusterNetwork network, CancellationToken cancellationToken)
    {
        await bridges.RemoveAsync(network, cancellationToken);
        RemoveRunDirectory(network.ClusterId); // the network is the last of a cluster to go
    }

    public Task<ProcessRecord> EnsureEtcdAsync(EtcdSpec spec, CancellationToken cancellationToken) => etcd.EnsureAsync(spec, cancellationToken);

    public Task<bool> IsEtcdRunningAsync(ControlPlaneId id, CancellationToken cancellationToken) => Task.FromResult(etcd.IsRunning(id));

    public Task StopEtcdAsync(ControlPlaneId id, CancellationToken cancellationToken) => etcd.StopAsync(id, cancellationToken);

    public Task<ProcessRecord> EnsureControlPlaneAsync(ControlPlaneSpec spec, CancellationToken cancellationToken) =>
        controlPlanes.EnsureAsync(spec, cancellationToken);

    public Task<bool> IsControlPlaneRunningAsync(ControlPlaneId id, CancellationToken cancellationToken) =>
        Task.FromResult(controlPlanes.IsRunning(id));

    public Task<string> ReadLastWordsAsync(ControlPlaneId id, CancellationToken cancellationToken) =>
        Task.FromResult(controlPlanes.LastWords(id));

    public Task StopControlPlaneAsync(ControlPlaneId id, CancellationToken cancellationToken) =>
        controlPlanes.StopAsync(id, cancellationToken);

    public Task<NodeProcesses> EnsureNodeAsync(NodeSpec spec, CancellationToken cancellationToken) =>
        nodes.EnsureAsync(spec, cancellationToken);

    public Task<bool> IsNodeRunningAsync(NodeId id, CancellationToken cancellationToken) => Task.FromResult(nodes.IsRunning(id));

    public Task StopNodeAsync(NodeId id, CancellationToken cancellationToken) => nodes.StopAsync(id, cancellationToken);

    public Task PurgeNodeAsync(NodeId id, CancellationToken cancellationToken)
    {
        nodes.Purge(id);
        return Task.CompletedTask;
    }

    public async Task PurgeClusterAsync(string clusterId, CancellationToken cancellationToken)
    {
        await cgroups.RemoveAsync($"/flotilla/{clusterId}", clock, cancellationToken);
        RemoveRunDirectory(clusterId);
        var disk = Path.Combine(options.Home, "clusters", clusterId);
        if (Directory.Exists(disk)) { Directory.Delete(disk, recursive: true); }
    }

    private void RemoveRunDirectory(string clusterId)
    {
        var directory = Path.Combine(options.RunDirectory, clusterId);
        if (Directory.Exists(directory)) { Directory.Delete(directory, recursive: true); }
        if (Directory.Exists(options.RunDirectory) && !Directory.EnumerateFileSystemEntries(options.RunDirectory).Any())
        {
            Directory.Delete(options.RunDirectory);
        }
    }
}
