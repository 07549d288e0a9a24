using Flotilla.Provisioner.Machines.Cgroups;

namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>
/// What a node sees of its machine: everything that is mounted into its root, in its order. All else is the node's own, so that what is
/// not named here is hidden: the platform's data, other nodes, the machine's users, logs and settings.
/// </summary>
internal static class NodeMounts
{
    /// <summary>Where the agent is in every node, wherever the machine has it.</summary>
    public const string Programs = "/run/flotilla/bin";

    /// <summary>Programs and libraries: as the machine has them, and what the node writes there is its own. On most machines all but the first are links into it.</summary>
    private static readonly string[] ProgramFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

    /// <summary>Settings that programs find folders of, to read.</summary>
    private static readonly string[] SettingFolders = ["/etc/alternatives", "/etc/ssl/certs", "/etc/pki/ca-trust", "/etc/pki/tls/certs", "/etc/apparmor.d", "/etc/modprobe.d"];

    /// <summary>Of the machine's kernel, and with it of all nodes: the settings that are not a network namespace's own, and its switches.</summary>
    private static readonly string[] KernelFiles = ["/proc/sys", "/proc/irq", "/proc/bus", "/proc/sysrq-trigger"];

    public static IReadOnlyList<NodeMount> Of(NodePaths paths, CgroupTree cgroups)
    {
        var (root, programs) = (paths.Root, Path.GetDirectoryName(paths.Agent)!);
        if (IsBelow(paths.Options.Home + "/", [programs]))
        {
            throw new MachineException($"{paths.Agent} must lie in a folder without {paths.Options.Home}: nodes see what is in the folder of their agent.");
        }

        return
        [
            NodeMount.Bind(root, root),
            .. ProgramFolders.Where(IsFolder).Select(folder => OwnLayer(paths, folder)),
            .. Devices(paths),
            .. Kernel(paths, cgroups),
            new("tmpfs", root + "/run", "tmpfs", "nosuid,nodev,mode=0755"),
            NodeMount.Bind(paths.State, root + "/run/containerd"),
            NodeMount.ReadOnly(programs, root + Programs),
            // Where it is there the machine's name servers are in it, and change while nodes run.
            .. ReadOnly(root, "/run/systemd/resolve"),
            .. SettingFolders.SelectMany(folder => ReadOnly(root, folder)),
            .. OtherCniPlugins(paths),
            .. Disk(paths),
        ];
    }

    /// <summary>The program folders that are links on this machine, as in most: to be the same in the node.</summary>
    public static IEnumerable<FileInfo> ProgramLinks() => ProgramFolders.Select(folder => new FileInfo(folder)).Where(folder => folder.LinkTarget is not null);

    /// <summary>Whether a mount is made on the node's disk itself, and not on what was mounted before it.</summary>
    public static bool IsOnDisk(string target) => target.Length > 0 && !IsBelow(target, [.. ProgramFolders, "/dev", "/proc", "/sys", "/run"]);

    /// <summary>The machine's folder below, what the node changes above.</summary>
    private static NodeMount OwnLayer(NodePaths paths, string folder) =>
        new("overlay", paths.Root + folder, "overlay", $"lowerdir={folder},upperdir={paths.Layer(folder)}/upper,workdir={paths.Layer(folder)}/work,X-mount.mkdir");

    private static IEnumerable<NodeMount> Devices(NodePaths paths)
    {
        var devices = paths.Root + "/dev";
        return
        [
            OwnLayer(paths, "/dev"),
            new("devpts", devices + "/pts", "devpts", "newinstance,ptmxmode=0666,mode=0620,gid=5,nosuid,noexec,X-mount.mkdir"),
            NodeMount.Bind(devices + "/pts/ptmx", devices + "/ptmx"),
            new("tmpfs", devices + "/shm", "tmpfs", "nosuid,nodev,mode=1777,X-mount.mkdir"),
            new("mqueue", devices + "/mqueue", "mqueue", "nosuid,nodev,noexec,X-mount.mkdir"),
        ];
    }

    private static IEnumerable<NodeMount> Kernel(NodePaths paths, CgroupTree cgroups)
    {
        var root = paths.Root;
        return
        [
            new("proc", root + "/proc", "proc", "nosuid,nodev,noexec"),
            .. KernelFiles.Where(Path.Exists).Select(file => new NodeMount(file, root + file, "none", "bind,ro")),
            new("/proc/sys/net", root + "/proc/sys/net", "none", "bind"),
            new("sysfs", root + "/sys", "sysfs", "nosuid,nodev,noexec"),
            new(root + "/sys", root + "/sys", "none", "bind,ro"),
            // AppArmor's profiles, where it is used.
            .. IsFolder("/sys/kernel/security/apparmor") ? (NodeMount[])[new("securityfs", root + "/sys/kernel/security", "securityfs", "nosuid,nodev,noexec")] : [],
            .. cgroups.Folders().Select(folder => new NodeMount(folder, root + folder, "none", "bind,ro")),
            .. cgroups.FoldersOf(paths.Cgroup).Select(folder => new NodeMount(folder, root + folder, "none", "bind")),
        ];
    }

    private static IEnumerable<NodeMount> ReadOnly(string root, string folder) => IsFolder(folder) ? [NodeMount.ReadOnly(folder, root + folder)] : [];

    private static IEnumerable<NodeMount> OtherCniPlugins(NodePaths paths)
    {
        var folder = paths.Options.CniBinDirectory;
        return IsBelow(folder, ProgramFolders) ? [] : [OwnLayer(paths, folder)];
    }

    /// <summary>At the machine's own paths, which are in the API's objects and in containerd's records.</summary>
    private static IEnumerable<NodeMount> Disk(NodePaths paths)
    {
        var (root, home) = (paths.Root, paths.Options.Home);
        return
        [
            .. IsBelow(home, ProgramFolders) ? (NodeMount[])[new("tmpfs", root + home, "tmpfs", "mode=0755,size=64k")] : [],
            NodeMount.ReadOnly(paths.Config, root + paths.Config),
            .. new[] { paths.ContainerdRoot, paths.AgentRoot, paths.CniConfig }.Select(folder => NodeMount.Bind(folder, root + folder)),
        ];
    }

    private static bool IsBelow(string path, IEnumerable<string> folders) => folders.Any(folder => path.StartsWith(folder + "/", StringComparison.Ordinal));

    private static bool IsFolder(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: null };
}
