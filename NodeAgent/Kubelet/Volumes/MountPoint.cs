using System.Runtime.InteropServices;

namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>Mounts that the node makes itself: memory-backed volumes and bind mounts of sub paths.</summary>
internal static partial class MountPoint
{
    private const ulong Bind = 4096;
    private const ulong Recursive = 1 << 14;
    private const ulong Shared = 1 << 20;
    private const int Detach = 2;

    public static void Memory(string directory, long sizeLimit)
    {
        Directory.CreateDirectory(directory);
        if (IsMounted(directory))
        {
            return;
        }

        Check(Mount("tmpfs", directory, "tmpfs", 0, sizeLimit > 0 ? $"size={sizeLimit},mode=0777" : "mode=0777"), directory);
    }

    /// <summary>Holds on to what the path is now, so that a container cannot swap it for a link out of the volume later.</summary>
    public static void BindTo(string source, string target)
    {
        if (IsMounted(target))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (Directory.Exists(source))
        {
            Directory.CreateDirectory(target);
        }
        else
        {
            File.Create(target).Dispose();
        }

        Check(Mount(source, target, null, Bind, null), target);
    }

    /// <summary>Lets mounts below the directory be seen by containers, and containers' by the node, where a pod asks for that.</summary>
    public static void Share(string directory)
    {
        directory = Directory.CreateDirectory(directory).FullName;
        var holding = File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')).Where(fields => Holds(fields[4].Replace("\\040", " "), directory)).MaxBy(fields => fields[4].Length)!;
        // From the seventh field to the dash stand the mount's peer groups.
        var shared = holding.Skip(6).TakeWhile(field => field != "-").Any(field => field.StartsWith("shared:", StringComparison.Ordinal));
        // Mounts that an earlier agent made below would be there twice, and could not be unmounted again.
        if (shared || Mounted().Any(path => path.StartsWith(directory + "/", StringComparison.Ordinal)))
        {
            return;
        }

        Check(Mount(directory, directory, null, Bind | Recursive, null), directory);
        Check(Mount("none", directory, null, Shared | Recursive, null), directory);
    }

    public static void UnmountBelow(string directory)
    {
        var mounted = Mounted().Where(path => path == directory || path.StartsWith(directory + "/", StringComparison.Ordinal)).Reverse().ToList();
        foreach (var path in mounted)
        {
            Check(Unmount(path, Detach), path);
        }
    }

    private static bool Holds(string mountPoint, string path) =>
        mountPoint == "/" || path == mountPoint || path.StartsWith(mountPoint + "/", StringComparison.Ordinal);

    private static bool IsMounted(string path) => Mounted().Contains(path);

    private static IEnumerable<string> Mounted() => File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')[1].Replace("\\040", " "));

    private static void Check(int result, string path)
    {
        if (result != 0)
        {
            throw new IOException($"mount at {path}: error {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
