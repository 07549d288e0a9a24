using Flotilla.Provisioner.Machines.Processes;

namespace Flotilla.Provisioner.Machines.Cgroups;

/// <summary>
/// The machine's cgroup file system, version 1 (a hierarchy per controller) or 2 (one). A cgroup is named by its path below the
/// root of each hierarchy, such as <c>/flotilla/c1/worker-1</c>.
/// </summary>
internal sealed class CgroupTree(string root = "/sys/fs/cgroup")
{
    public bool IsUnified { get; } = File.Exists(Path.Combine(root, "cgroup.controllers"));

    public void Create(string cgroup)
    {
        foreach (var hierarchy in Hierarchies())
        {
            CreateIn(hierarchy, cgroup);
        }
    }

    /// <summary>The files a process writes its pid into to join the cgroup.</summary>
    public IEnumerable<string> MembershipFiles(string cgroup) =>
        Hierarchies().Select(hierarchy => hierarchy + cgroup + "/cgroup.procs");

    /// <summary>Every folder something is mounted on, the one that holds the hierarchies first.</summary>
    public IEnumerable<string> Folders() => Hierarchies().Prepend(root).Distinct();

    /// <summary>The cgroup's, in each hierarchy.</summary>
    public IEnumerable<string> FoldersOf(string cgroup) => Hierarchies().Select(hierarchy => hierarchy + cgroup);

    public void LimitMemory(string cgroup, long bytes)
    {
        var file = IsUnified ? $"{root}{cgroup}/memory.max" : $"{root}/memory{cgroup}/memory.limit_in_bytes";
        File.WriteAllText(file, bytes.ToString());
    }

    /// <summary>Every process in the cgroup and below it.</summary>
    public IReadOnlySet<int> Members(string cgroup) =>
        Hierarchies().Select(hierarchy => hierarchy + cgroup).Where(Directory.Exists).SelectMany(MembersBelow).ToHashSet();

    /// <summary>
    /// Kills everything in the cgroup, children that are still being forked included, and removes it with the parents it
    /// leaves empty.
    /// </summary>
    public async Task RemoveAsync(string cgroup, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (!TryRemove(cgroup))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }
    }

    /// <summary>False while a process in it is still ending.</summary>
    private bool TryRemove(string cgroup)
    {
        var members = Members(cgroup);
        foreach (var pid in members)
        {
            Signal.Send(pid, Signal.Kill);
        }

        return members.Count == 0 && Hierarchies().All(hierarchy => TryRemoveIn(hierarchy, cgroup));
    }

    private static bool TryRemoveIn(string hierarchy, string cgroup)
    {
        try
        {
            if (Directory.Exists(hierarchy + cgroup)) { RemoveWithChildren(hierarchy + cgroup); }
            RemoveEmptyParents(hierarchy, cgroup);
            return true;
        }
        catch (IOException)
        {
            return false; // busy: the kernel has not quite let go of the last process
        }
    }

    private IEnumerable<string> Hierarchies() =>
        IsUnified ? [root] : Directory.EnumerateDirectories(root).Where(IsHierarchy);

    /// <summary>Version 1: one for each controller, systemd's own and a hybrid's version 2 among them; not the links to them.</summary>
    private static bool IsHierarchy(string directory) =>
        File.Exists($"{directory}/cgroup.procs") && new DirectoryInfo(directory).LinkTarget is null;

    private void CreateIn(string hierarchy, string cgroup)
    {
        var directory = hierarchy;
        foreach (var name in cgroup.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var parent = directory;
            directory = $"{directory}/{name}";
            Directory.CreateDirectory(directory);
            if (IsUnified) { Delegate(parent); }
            else if (hierarchy.EndsWith("/cpuset", StringComparison.Ordinal)) { InheritCpuset(parent, directory); }
        }
    }

    /// <summary>Version 2: a cgroup has the controllers its parent hands down.</summary>
    private static void Delegate(string parent)
    {
        var available = File.ReadAllText($"{parent}/cgroup.controllers").Split(' ', StringSplitOptions.TrimEntries);
        var wanted = available.Intersect(["cpu", "cpuset", "memory", "pids", "io"]).Select(controller => "+" + controller);
        File.WriteAllText($"{parent}/cgroup.subtree_control", string.Join(' ', wanted));
    }

    /// <summary>Version 1: a cpuset without processors and memory nodes takes no process.</summary>
    private static void InheritCpuset(string parent, string child)
    {
        foreach (var file in (string[])["cpuset.cpus", "cpuset.mems"])
        {
            if (File.ReadAllText($"{child}/{file}").Trim().Length == 0)
            {
                File.WriteAllText($"{child}/{file}", File.ReadAllText($"{parent}/{file}").Trim());
            }
        }
    }

    private static IEnumerable<int> MembersBelow(string directory)
    {
        foreach (var cgroup in Directory.EnumerateDirectories(directory, "*", SearchOption.AllDirectories).Append(directory).ToList())
        {
            foreach (var line in ReadMembers(cgroup))
            {
                yield return int.Parse(line);
            }
        }
    }

    private static string[] ReadMembers(string directory)
    {
        try
        {
            return File.ReadAllLines($"{directory}/cgroup.procs");
        }
        catch (Exception exception) when (exception is IOException or DirectoryNotFoundException)
        {
            return []; // a container runtime removed the cgroup while it was read
        }
    }

    private static void RemoveWithChildren(string directory)
    {
        foreach (var child in Directory.EnumerateDirectories(directory))
        {
            RemoveWithChildren(child);
        }

        Directory.Delete(directory);
    }

    private static void RemoveEmptyParents(string hierarchy, string cgroup)
    {
        for (var parent = Path.GetDirectoryName(cgroup); parent is { Length: > 1 }; parent = Path.GetDirectoryName(parent))
        {
            if (!Directory.Exists(hierarchy + parent)) { continue; }
            if (Directory.EnumerateDirectories(hierarchy + parent).Any()) { return; }
            Directory.Delete(hierarchy + parent);
        }
    }
}
