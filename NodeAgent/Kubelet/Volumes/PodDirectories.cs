namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>Where a pod's files are on the node.</summary>
public sealed class PodDirectories(string root, string podUid)
{
    public string Root => root;

    /// <summary>Where <c>localhostProfile</c> of a seccomp profile is looked for.</summary>
    public string Seccomp => Path.Combine(root, "seccomp");

    public string Pod { get; } = Path.Combine(All(root), podUid);

    /// <summary>Holds a folder for each pod, named by its uid.</summary>
    public static string All(string root) => Path.Combine(root, "pods");

    public string HostsFile => Path.Combine(Pod, "etc-hosts");

    public string Volume(string plugin, string name) => Path.Combine(Pod, "volumes", $"kubernetes.io~{plugin}", name);

    /// <summary>The file that a container finds at its terminationMessagePath.</summary>
    public string TerminationMessage(string container, uint attempt) => Path.Combine(Pod, "containers", container, $"termination-{attempt}");

    public string SubPath(string container, int index) => Path.Combine(Pod, "volume-subpaths", container, $"{index}");
}
