using System.Diagnostics;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Host.Tests;

/// <summary>A node: its containerd, and its agent as a process in the node's network namespace.</summary>
public sealed class ClusterNode(string name, ContainerdServer containerd, string kubeconfig, string bootstrapKubeconfig, string[] flags) : IAsyncDisposable
{
    private Process? agent;
    private string? systemd;

    public string Name => name;

    public ContainerdServer Containerd => containerd;

    public string Kubeconfig => kubeconfig;

    public string ClientCertificate => Path.Combine(containerd.NodeDirectory, "pki", "kubelet-client-current.pem");

    public void Start()
    {
        string[] words =
        [
            "nsenter", $"--net=/run/netns/{containerd.NetworkNamespace}", Cluster.Executable("NodeAgent.Host", "nodeagent"), "run", "--name", name,
            "--kubeconfig", kubeconfig, "--bootstrap-kubeconfig", bootstrapKubeconfig, "--root-dir", containerd.NodeDirectory,
            "--pod-logs-dir", Path.Combine(containerd.NodeDirectory, "logs", "pods"),
            "--containerd-socket", containerd.Socket, "--node-ip", containerd.Addresses.Node, "--cgroup-root", containerd.CgroupRoot,
            "--cni-conf-dir", Path.Combine(containerd.NodeDirectory, "cni"), .. flags,
        ];
        agent = systemd is null
            ? Process.Start(words[0], words[1..])
            : Process.Start("unshare", ["--mount", "sh", "-c", $"mkdir -p /run/systemd && mount -t tmpfs systemd /run/systemd && mkdir /run/systemd/system && PATH={systemd}:$PATH exec \"$0\" \"$@\"", .. words]);
    }

    /// <summary>From its next start on the agent finds a systemd, as far as it asks for one, in a state such as <c>running</c> or <c>stopping</c>.</summary>
    public async Task SystemdIsAsync(string state)
    {
        systemd = Directory.CreateDirectory(Path.Combine(containerd.NodeDirectory, "systemd")).FullName;
        var program = Path.Combine(systemd, "systemctl");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\n[ \"$*\" = is-system-running ] && echo {state}\n[ {state} = running ]\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
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
