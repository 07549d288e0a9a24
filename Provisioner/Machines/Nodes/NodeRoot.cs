using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>
/// Makes the folder that becomes a node's <c>/</c> ready for its start: the folders a root has, places to mount at, and those of the
/// machine's settings that programs read, copied anew each time. All else in it is what the node's pods have left there.
/// </summary>
/// <remarks>
/// Pods may have left links, and this writes with the machine's eyes: a link where a folder is to be is removed, never followed.
/// Nothing of the node runs meanwhile.
/// </remarks>
internal sealed class NodeRoot(NodePaths paths)
{
    private const UnixFileMode ForAllToRead = (UnixFileMode)0b111_101_101;
    private const UnixFileMode ForOwner = (UnixFileMode)0b111_000_000;
    private const UnixFileMode ForAllToWrite = (UnixFileMode)0b1_111_111_111;

    private static readonly (string Path, UnixFileMode Mode)[] Folders =
    [
        .. new[] { "/boot", "/dev", "/etc", "/home", "/media", "/mnt", "/opt", "/proc", "/run", "/srv", "/sys", "/var/lib", "/var/log/pods", "/var/log/containers" }.Select(path => (path, ForAllToRead)),
        ("/root", ForOwner), ("/tmp", ForAllToWrite), ("/var/tmp", ForAllToWrite),
    ];

    private static readonly (string Path, string Target)[] Links = [("/var/run", "/run"), ("/var/lock", "/run/lock"), ("/etc/mtab", "/proc/self/mounts")];

    private static readonly string[] Settings =
    [
        "passwd", "group", "nsswitch.conf", "host.conf", "gai.conf", "hosts", "resolv.conf", "protocols", "services", "localtime", "timezone", "os-release", "debian_version", "ld.so.cache",
    ];

    public async Task PrepareAsync(IReadOnlyList<NodeMount> mounts, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(paths.Root);
        foreach (var (path, mode) in Folders) { File.SetUnixFileMode(Folder(path), mode); }
        foreach (var (path, target) in Links) { File.CreateSymbolicLink(Vacant(path), target); }
        foreach (var link in NodeMounts.ProgramLinks()) { File.CreateSymbolicLink(Vacant(link.FullName), link.LinkTarget!); }
        foreach (var place in mounts.Select(InRoot).Where(NodeMounts.IsOnDisk)) { Folder(place); }
        // What a node puts beside its devices it loses with its end.
        if (Directory.Exists(paths.Layer("/dev"))) { Directory.Delete(paths.Layer("/dev"), recursive: true); }
        foreach (var layer in mounts.Where(mount => mount.Type == "overlay").Select(mount => paths.Layer(InRoot(mount))))
        {
            Directory.CreateDirectory(Path.Combine(layer, "upper"), ForAllToRead);
            Directory.CreateDirectory(Path.Combine(layer, "work"), ForAllToRead);
        }

        foreach (var file in Settings.Select(name => "/etc/" + name).Where(File.Exists))
        {
            await WriteAsync(file, await File.ReadAllBytesAsync(file, cancellationToken), cancellationToken);
        }

        await WriteAsync("/etc/hostname", Encoding.UTF8.GetBytes(paths.Id.Name + "\n"), cancellationToken);
        await WriteAsync("/etc/machine-id", Encoding.UTF8.GetBytes(MachineId() + "\n"), cancellationToken);
    }

    private string InRoot(NodeMount mount) => mount.Target[paths.Root.Length..];

    /// <summary>Stays the same as long as the node is there: machine-id(5).</summary>
    private string MachineId() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{paths.Id.ClusterId}/{paths.Id.Name}")))[..32];

    private async Task WriteAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = (UnixFileMode)0b110_100_100 };
        await using var file = new FileStream(Vacant(path), options);
        await file.WriteAsync(content, cancellationToken);
    }

    /// <returns>Where something can be made in the root; what was there is gone.</returns>
    private string Vacant(string path)
    {
        var place = Path.Combine(Folder(Path.GetDirectoryName(path)!), Path.GetFileName(path));
        if (new DirectoryInfo(place) is { Exists: true, LinkTarget: null }) { Directory.Delete(place, recursive: true); }
        File.Delete(place);
        return place;
    }

    /// <returns>A folder in the root, each part of whose path is a folder and no link.</returns>
    private string Folder(string path)
    {
        var place = paths.Root;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            place = Path.Combine(place, name);
            if (new DirectoryInfo(place) is { Exists: true, LinkTarget: null }) { continue; }
            File.Delete(place);
            Directory.CreateDirectory(place, ForAllToRead);
        }

        return place;
    }
}
