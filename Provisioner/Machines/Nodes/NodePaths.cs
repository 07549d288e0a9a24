namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>Where everything of one node is on the machine.</summary>
internal sealed record NodePaths(MachineOptions Options, NodeId Id)
{
    /// <summary>Survives a stop of the node: its disk.</summary>
    public string Disk => Path.Combine(Options.Home, "clusters", Id.ClusterId, "nodes", Id.Name);

    /// <summary>Gone with a stop: sockets and process records.</summary>
    public string Run => Path.Combine(Options.RunDirectory, Id.ClusterId, Id.Name);

    /// <summary>What containerd and its shims keep while they run; <c>/run/containerd</c> in the node.</summary>
    public string State => Path.Combine(Run, "containerd");

    public string Socket => Path.Combine(State, "containerd.sock");

    /// <summary>The agent itself, not a link to it: its libraries lie beside it.</summary>
    public string Agent
    {
        get
        {
            var program = new FileInfo(Path.Combine(Options.BinDirectory, "nodeagent"));
            return program.Exists && program.ResolveLinkTarget(returnFinalTarget: true) is { } target ? target.FullName : program.FullName;
        }
    }

    public string InitRecord => Path.Combine(Run, "init.json");

    /// <summary>There once the first process has the node's root.</summary>
    public string InitIsReady => Path.Combine(Run, "init-is-ready");

    public string ContainerdRecord => Path.Combine(Run, "containerd.json");

    public string AgentRecord => Path.Combine(Run, "nodeagent.json");

    /// <summary>The node's <c>/</c>, with all that its pods write outside of volumes.</summary>
    public string Root => Path.Combine(Disk, "root");

    /// <summary>What the node has written over a folder of the machine's.</summary>
    public string Layer(string folder) => Path.Combine(Disk, "layers", folder.Trim('/').Replace('/', '-'));

    /// <summary>What the node is told; it cannot change it.</summary>
    public string Config => Path.Combine(Disk, "config");

    public string ContainerdConfig => Path.Combine(Config, "containerd.toml");

    /// <summary>What is mounted into the root.</summary>
    public string Mounts => Path.Combine(Disk, "fstab");

    public string ContainerdRoot => Path.Combine(Disk, "containerd");

    public string CniConfig => Path.Combine(Disk, "cni");

    public string AgentRoot => Path.Combine(Disk, "agent");

    public string Kubeconfig => Path.Combine(Config, "kubeconfig");

    public string Log(string process) => Path.Combine(Disk, "logs", process + ".log");

    /// <summary>The node's share of the machine; pods live below it.</summary>
    public string Cgroup => $"/flotilla/{Id.ClusterId}/{Id.Name}";

    /// <summary>Its daemons live beside its pods: in version 2 a cgroup has processes or children, not both.</summary>
    public string DaemonCgroup => Cgroup + "/system";
}
