using Flotilla.Provisioner.Machines.Cgroups;
using Flotilla.Provisioner.Machines.Nodes;

namespace Flotilla.Provisioner.Machines.Tests.Nodes;

public sealed class NodeRootTests : IDisposable
{
    private readonly string home = Directory.CreateTempSubdirectory("root-").FullName;

    private NodePaths Paths => new(new() { Home = home, BinDirectory = "/opt/flotilla/bin" }, new("c1", "worker-1"));

    public void Dispose() => Directory.Delete(home, recursive: true);

    [Fact]
    public async Task A_root_has_the_folders_and_settings_that_programs_expect()
    {
        await PrepareAsync();
        Assert.Equal("worker-1\n", await File.ReadAllTextAsync(Paths.Root + "/etc/hostname"));
        Assert.Equal(await File.ReadAllTextAsync("/etc/passwd"), await File.ReadAllTextAsync(Paths.Root + "/etc/passwd"));
        Assert.NotEqual(await File.ReadAllTextAsync("/etc/machine-id"), await File.ReadAllTextAsync(Paths.Root + "/etc/machine-id"));
        Assert.False(File.Exists(Paths.Root + "/etc/shadow"));
        Assert.True(File.GetUnixFileMode(Paths.Root + "/tmp").HasFlag(UnixFileMode.StickyBit));
        Assert.True(Directory.Exists(Paths.Root + Paths.ContainerdRoot));
    }

    [Fact]
    public async Task What_pods_left_is_kept_and_their_links_are_not_followed()
    {
        await PrepareAsync();
        var outside = Directory.CreateDirectory(Path.Combine(home, "outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "hosts"), "the machine's");
        await File.WriteAllTextAsync(Paths.Root + "/opt/data", "a pod's");
        Directory.Delete(Paths.Root + "/etc", recursive: true);
        Directory.CreateSymbolicLink(Paths.Root + "/etc", outside);
        var first = "/" + Paths.AgentRoot.Split('/')[1];
        Directory.Move(Paths.Root + first, Paths.Root + "/moved");
        Directory.CreateSymbolicLink(Paths.Root + first, outside);
        File.Delete(Paths.Root + "/var/run");
        Directory.CreateDirectory(Paths.Root + "/var/run/full");

        await PrepareAsync();
        Assert.Equal("a pod's", await File.ReadAllTextAsync(Paths.Root + "/opt/data"));
        Assert.Equal(["hosts"], Directory.GetFileSystemEntries(outside).Select(Path.GetFileName));
        Assert.Equal("the machine's", await File.ReadAllTextAsync(Path.Combine(outside, "hosts")));
        Assert.Null(new DirectoryInfo(Paths.Root + "/etc").LinkTarget);
        Assert.True(Directory.Exists(Paths.Root + Paths.AgentRoot));
        Assert.Equal("/run", new FileInfo(Paths.Root + "/var/run").LinkTarget);
    }

    [Fact]
    public async Task Claims_that_the_node_made_on_the_machine_move_to_its_root_once()
    {
        var claims = new NodeClaims(Paths, new(), Path.Combine(home, "volumes"));
        var own = Paths.Root + Path.Combine(home, "volumes");
        foreach (var name in (string[])["pvc-ours", "pvc-theirs"])
        {
            await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(home, "volumes", name)).FullName, "data"), name);
        }

        Directory.CreateDirectory(Path.Combine(Paths.AgentRoot, "made-volumes"));
        await File.WriteAllTextAsync(Path.Combine(Paths.AgentRoot, "made-volumes", "pvc-ours"), "");
        await claims.MoveAsync(CancellationToken.None);
        Assert.Equal("pvc-ours", await File.ReadAllTextAsync(Path.Combine(own, "pvc-ours", "data")));
        Assert.Equal(["pvc-theirs"], Directory.GetDirectories(Path.Combine(home, "volumes")).Select(Path.GetFileName));

        // What pods say from then on moves nothing.
        await PrepareAsync();
        await File.WriteAllTextAsync(Path.Combine(Paths.AgentRoot, "made-volumes", "pvc-theirs"), "");
        await claims.MoveAsync(CancellationToken.None);
        Assert.False(Directory.Exists(Path.Combine(own, "pvc-theirs")));
    }

    [Fact]
    public void A_home_among_the_programs_is_hidden()
    {
        var paths = Paths with { Options = new() { Home = "/usr/local/flotilla", BinDirectory = "/opt/flotilla/bin" } };
        var mounts = NodeMounts.Of(paths, new CgroupTree()).ToList();
        var hidden = mounts.FindIndex(mount => mount.Type == "tmpfs" && mount.Target == paths.Root + "/usr/local/flotilla");
        Assert.InRange(hidden, mounts.FindIndex(mount => mount.Target == paths.Root + "/usr") + 1, mounts.FindIndex(mount => mount.Source == paths.AgentRoot) - 1);
    }

    [Fact]
    public void An_agent_beside_the_platforms_data_is_refused()
    {
        var paths = Paths with { Options = new() { Home = home, BinDirectory = home } };
        Assert.Contains("must lie in a folder without", Assert.Throws<MachineException>(() => NodeMounts.Of(paths, new CgroupTree())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Spaces_are_written_as_fstab_wants_them() =>
        Assert.Equal(@"/a\040b /c\040d none bind,X-mount.mkdir 0 0", $"{NodeMount.Bind("/a b", "/c d")}");

    private Task PrepareAsync() => new NodeRoot(Paths).PrepareAsync(NodeMounts.Of(Paths, new CgroupTree()), CancellationToken.None);
}
