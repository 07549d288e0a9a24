namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>Where everything of one node is on the machine.</summary>
internal sealed record NodePaths(MachineOptions Options, NodeId Id)
{
    /// <summary>Survives a stop of the node: its disk.</summary>
    public string Disk => Path.Combine(Options.Home, "clusters", Id.ClusterId, "nodes", Id.Name);

    /// <summary>Gone with a stop: sockets and process records.</summary>
    public string Run => Path.Combine(Options.RunDirectory, Id.ClusterId, Id.Name);

    public string Socket => Path.Combine(Run, "containerd.sock");

    public string ContainerdRecord => Path.Combine(Run, "containerd.json");

    public string AgentRecord => Path.Combine(Run, "nodeagent.json");

    public string ContainerdConfig => Path.Combine(Disk, "containerd.toml");

    public string ContainerdRoot => Path.Combine(Disk, "containerd");

    public string CniConfig => Path.Combine(Disk, "cni");

    public string AgentRoot => Path.Combine(Disk, "agent");

    public string Kubeconfig => Path.Combine(Disk, "kubeconfig");

    public string Log(string process) => Path.Combine(Disk, "logs", process + ".log");

    /// <summary>The node's share of the machine; pods live below it.</summary>
    public string Cgroup => $"/flotilla/{Id.ClusterId}/{Id.Name}";

    /// <summary>Its daemons live beside its pods: in version 2 a cgroup has processes or children, not both.</summary>
    public string DaemonCgroup => Cgroup + "/system";
}
