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
        machine = new(new() { Home = home, BinDirectory = Path.Combine(home, "bin"), RunDirectory = $"/run/flotilla-test-{Environment.ProcessId}" }, TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        var agent = Path.Combine(Directory.CreateDirectory(Path.Combine(home, "bin")).FullName, "nodeagent");
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
        string[] inMounts = [$"--mount=/proc/{node.Agent.Pid}/ns/mnt"];
        var folder = "/mnt/" + Path.GetRandomFileName();
        using var mounting = Process.Start("nsenter", [.. inMounts, "mount", "-o", "X-mount.mkdir", "-t", "tmpfs", "tmpfs", folder]);
        await mounting.WaitForExitAsync();
        Assert.Equal(0, mounting.ExitCode);
        var inside = (await File.ReadAllLinesAsync($"/proc/{node.Agent.Pid}/mountinfo")).Single(line => line.Split(' ')[4] == folder);
        Assert.Contains(" shared:", inside, StringComparison.Ordinal);
        Assert.DoesNotContain(folder, await File.ReadAllTextAsync("/proc/self/mountinfo"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_sees_its_own_processes_only_and_they_end_with_its_first()
    {
        var node = await machine.EnsureNodeAsync(Node(ours), CancellationToken.None);
        var neighbour = await machine.EnsureNodeAsync(Node(theirs), CancellationToken.None);
        string[] inside = [$"--target={node.Agent.Pid}", "--mount", "--pid", "--uts"];
        using var list = Process.Start(new ProcessStartInfo("nsenter", [.. inside, "/bin/sh", "-c", "hostname; cd /proc; for p in [0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var seen = await list.StandardOutput.ReadToEndAsync();
        Assert.Contains(ours.ClusterId, seen, StringComparison.Ordinal);
        Assert.DoesNotContain(theirs.ClusterId, seen, StringComparison.Ordinal);
        Assert.StartsWith("worker-1\n/bin/sh -c trap exit TERM", seen, StringComparison.Ordinal);

        Signal.Send(FirstOf(node), Signal.Kill);
        await Eventually.TrueAsync(() => !ProcFs.IsRunning(node.Agent) && !ProcFs.IsRunning(node.Containerd), "all are gone");

        // It starts anew, its neighbour has not noticed.
        Assert.NotEqual(node, await machine.EnsureNodeAsync(Node(ours), CancellationToken.None));
        Assert.Equal(neighbour, await machine.EnsureNodeAsync(Node(theirs), CancellationToken.None));
    }

    [Fact]
    public async Task A_node_is_left_as_it_is_while_it_runs_and_starts_anew_when_half_of_it_has_ended()
    {
        var node = await machine.EnsureNodeAsync(Node(ours), CancellationToken.None);
        // As one that was started before nodes had a first process of their own.
        File.Delete(Path.Combine($"/run/flotilla-test-{Environment.ProcessId}", ours.ClusterId, "worker-1", "init.json"));
        Assert.Equal(node, await machine.EnsureNodeAsync(Node(ours), CancellationToken.None));

        Signal.Send(node.Agent.Pid, Signal.Kill);
        await Eventually.TrueAsync(() => !ProcFs.IsRunning(node.Agent), "the agent is gone");
        var anew = await machine.EnsureNodeAsync(Node(ours), CancellationToken.None);
        Assert.NotEqual(node.Containerd, anew.Containerd);
        Assert.False(ProcFs.IsRunning(node.Containerd));
    }

    /// <summary>The process that is number 1 in the node of another.</summary>
    private static int FirstOf(NodeProcesses node)
    {
        var space = SpaceOf($"{node.Agent.Pid}");
        return Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _))
            .Where(name => SpaceOf(name!) == space && NumbersOf(name!) is [.., "1"]).Select(name => int.Parse(name!)).Single();
    }

    private static string? SpaceOf(string process) => Read(() => new FileInfo($"/proc/{process}/ns/pid").LinkTarget);

    private static string[]? NumbersOf(string process) =>
        Read(() => File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("NSpid:", StringComparison.Ordinal)).Split('\t'));

    private static T? Read<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (IOException)
        {
            return null; // it ended while we looked
        }
    }

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
