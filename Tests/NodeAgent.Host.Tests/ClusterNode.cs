using System.Diagnostics;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Host.Tests;

/// <summary>A node: its containerd, and its agent as a process in the node's network namespace.</summary>
public sealed class ClusterNode(string name, ContainerdServer containerd, string kubeconfig, string bootstrapKubeconfig, string[] flags) : IAsyncDisposable
{
    private Process? agent;

    public string Name => name;

    public ContainerdServer Containerd => containerd;

    public string Kubeconfig => kubeconfig;

    public string ClientCertificate => Path.Combine(containerd.NodeDirectory, "pki", "kubelet-client-current.pem");

    public void Start()
    {
        agent = Process.Start("nsenter",
        [
            $"--net=/run/netns/{containerd.NetworkNamespace}", Cluster.Executable("NodeAgent.Host", "nodeagent"), "run", "--name", name,
            "--kubeconfig", kubeconfig, "--bootstrap-kubeconfig", bootstrapKubeconfig, "--root-dir", containerd.NodeDirectory,
            "--containerd-socket", containerd.Socket, "--node-ip", containerd.Addresses.Node, "--cgroup-root", containerd.CgroupRoot,
            "--cni-conf-dir", Path.Combine(containerd.NodeDirectory, "cni"), .. flags,
        ]);
    }

    /// <summary>Sends a signal, such as TERM or PWR, and waits for the agent's end.</summary>
    public async Task<int> SignalAsync(string signal)
    {
        using (var kill = Process.Start("kill", [$"-{signal}", $"{agent!.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        await agent.WaitForExitAsync();
        return agent.ExitCode;
    }

    /// <summary>From now on nobody reaches the kubelet from outside the node.</summary>
    public async Task BlockAsync()
    {
        using var nft = Process.Start("nsenter",
        [
            $"--net=/run/netns/{containerd.NetworkNamespace}", "nft",
            "add table inet block; add chain inet block input { type filter hook input priority -300; }; add rule inet block input iifname uplink tcp dport 10250 drop",
        ]);
        await nft.WaitForExitAsync();
        Assert.Equal(0, nft.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (agent is { HasExited: false })
        {
            agent.Kill();
            await agent.WaitForExitAsync();
        }

        agent?.Dispose();
        await containerd.DisposeAsync();
    }
}
