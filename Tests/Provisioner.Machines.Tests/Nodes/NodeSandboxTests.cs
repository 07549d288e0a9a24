using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Flotilla.Provisioner.Machines.Networks;
using Flotilla.Provisioner.Machines.Nodes;
using Flotilla.Provisioner.Machines.Processes;
using Flotilla.TestKit;

namespace Flotilla.Provisioner.Machines.Tests.Nodes;

/// <summary>Real bridges, namespaces, cgroups and containerd; only the agent is a script that waits.</summary>
public sealed class NodeSandboxTests : IAsyncLifetime
{
    private readonly string home = Directory.CreateTempSubdirectory("machines-").FullName;
    private readonly LocalMachine machine;
    private readonly ClusterNetwork ours = new("t1" + Guid.NewGuid().ToString("N")[..8], 4000, 23001);
    private readonly ClusterNetwork theirs = new("t2" + Guid.NewGuid().ToString("N")[..8], 4001, 23002);

    public NodeSandboxTests() =>
        machine = new(new() { Home = home, BinDirectory = home, RunDirectory = $"/run/flotilla-test-{Environment.ProcessId}" }, TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        var agent = Path.Combine(home, "nodeagent");
        await File.WriteAllTextAsync(agent, "#!/bin/sh\nexec sleep 600\n");
        File.SetUnixFileMode(agent, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await machine.EnsureClusterNetworkAsync(ours, CancellationToken.None);
        await machine.EnsureClusterNetworkAsync(theirs, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var network in (ClusterNetwork[])[ours, theirs])
        {
            await machine.StopNodeAsync(new(network.ClusterId, "worker-1"), CancellationToken.None);
            await machine.RemoveClusterNetworkAsync(network, CancellationToken.None);
            await machine.PurgeClusterAsync(network.ClusterId, CancellationToken.None);
        }

        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task A_node_starts_is_adopted_and_leaves_nothing_behind()
    {
        var started = await machine.EnsureNodeAsync(Node(ours), CancellationToken.None);
        var adopted = await machine.EnsureNodeAsync(Node(ours), CancellationToken.None);
        Assert.Equal(started, adopted);
        Assert.True(await machine.IsNodeRunningAsync(Node(ours).Id, CancellationToken.None));

        await machine.StopNodeAsync(Node(ours).Id, CancellationToken.None);
        await machine.RemoveClusterNetworkAsync(ours, CancellationToken.None);

        Assert.False(ProcFs.IsRunning(started.Containerd));
        Assert.False(ProcFs.IsRunning(started.Agent));
        Assert.Empty(Directory.EnumerateFileSystemEntries("/run/netns", $"*{ours.ClusterId}*"));
        Assert.Empty(Directory.EnumerateFileSystemEntries("/sys/class/net", $"*{ours.ClusterId}*"));
        Assert.Empty(Directory.EnumerateDirectories("/sys/fs/cgroup", ours.ClusterId, SearchOption.AllDirectories));
        Assert.DoesNotContain(ours.ClusterId, await File.ReadAllTextAsync("/proc/self/mountinfo"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_reaches_its_own_API_server_and_no_other()
    {
        using var own = Listen(ours.Gateway, ours.ApiPort);
        using var ownOther = Listen(ours.Gateway, 23003);
        using var foreign = Listen(theirs.Gateway, theirs.ApiPort);
        using var machineWide = Listen(IPAddress.Any, 23004);
        await machine.EnsureNodeAsync(Node(ours), CancellationToken.None);
        await machine.EnsureNodeAsync(Node(theirs), CancellationToken.None);

        await Eventually.TrueAsync(() => ConnectsAsync(Node(ours), ours.Gateway, ours.ApiPort), "its own API server");
        Assert.False(await ConnectsAsync(Node(ours), ours.Gateway, 23003));
        Assert.False(await ConnectsAsync(Node(ours), theirs.Gateway, theirs.ApiPort));
        Assert.False(await ConnectsAsync(Node(ours), ours.Gateway, 23004));
        using var inOtherNode = await ListenInsideAsync(Node(theirs), 23005);
        await Eventually.TrueAsync(() => ConnectsAsync(Node(theirs), Node(theirs).Address, 23005), "its own address");
        Assert.False(await ConnectsAsync(Node(ours), Node(theirs).Address, 23005));
        inOtherNode.Kill();
    }

    [Fact]
    public async Task What_a_node_mounts_its_pods_may_see_and_the_machine_never()
    {
        var node = await machine.EnsureNodeAsync(Node(ours), CancellationToken.None);
        // It has been started; that it has left the machine's mounts comes a moment later.
        await Eventually.TrueAsync(() => MountsOf($"{node.Agent.Pid}") != MountsOf("self"), "mounts of its own");
        string[] inMounts = [$"--mount=/proc/{node.Agent.Pid}/ns/mnt"];
        var folder = Directory.CreateDirectory(Path.Combine(home, "mounted")).FullName;
        using var mounting = Process.Start("nsenter", [.. inMounts, "mount", "-t", "tmpfs", "tmpfs", folder]);
        await mounting.WaitForExitAsync();
        Assert.Equal(0, mounting.ExitCode);
        var inside = (await File.ReadAllLinesAsync($"/proc/{node.Agent.Pid}/mountinfo")).Single(line => line.Split(' ')[4] == folder);
        Assert.Contains(" shared:", inside, StringComparison.Ordinal);
        Assert.DoesNotContain(folder, await File.ReadAllTextAsync("/proc/self/mountinfo"), StringComparison.Ordinal);
    }

    private static string? MountsOf(string process) => new FileInfo($"/proc/{process}/ns/mnt").LinkTarget;

    private static NodeSpec Node(ClusterNetwork network) =>
        new() { Id = new(network.ClusterId, "worker-1"), Network = network, Index = 0, Kubeconfig = "" };

    private static TcpListener Listen(IPAddress address, int port)
    {
        var listener = new TcpListener(address, port);
        listener.Start();
        return listener;
    }

    private static async Task<Process> ListenInsideAsync(NodeSpec node, int port)
    {
        var process = Inside(node, "busybox", "nc", "-ll", "-p", $"{port}", "-e", "true");
        while (!await ConnectsAsync(node, IPAddress.Loopback, port)) { await Task.Delay(20); }
        return process;
    }

    private static async Task<bool> ConnectsAsync(NodeSpec node, IPAddress address, int port)
    {
        using var process = Inside(node, "timeout", "1", "bash", "-c", $"exec 3<>/dev/tcp/{address}/{port}");
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    private static Process Inside(NodeSpec node, params string[] command) => Process.Start(
        new ProcessStartInfo("ip", ["netns", "exec", $"flt-{node.Id.ClusterId}-{node.Id.Name}", .. command])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
}
