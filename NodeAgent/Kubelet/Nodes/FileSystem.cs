using System.Runtime.InteropServices;

namespace Flotilla.NodeAgent.Kubelet.Nodes;

/// <summary>How full the file system is that holds a path: bytes and inodes.</summary>
public readonly partial record struct FileSystem(long Capacity, long Available, long Inodes, long InodesFree)
{
    private const int NoSuchFile = 2;

    public long Used => Capacity - Available;

    public long InodesUsed => Inodes - InodesFree;

    /// <summary>A path that is not there counts to the folder it would be made in: simulated nodes have none, volumes go while they are measured.</summary>
    public static FileSystem Of(string path)
    {
        Layout found;
        for (var nearest = Path.GetFullPath(path); StatVfs(nearest, out found) != 0; nearest = Path.GetDirectoryName(nearest)!)
        {
            if (Marshal.GetLastPInvokeError() != NoSuchFile || nearest == "/")
            {
                throw new IOException($"statvfs {nearest}: error {Marshal.GetLastPInvokeError()}");
            }
        }

        var unit = (long)found.FragmentSize;
        return new((long)found.Blocks * unit, (long)found.AvailableBlocks * unit, (long)found.Files, (long)found.FreeFiles);
    }

    [LibraryImport("libc", EntryPoint = "statvfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatVfs(string path, out Layout found);

    /// <summary><c>struct statvfs</c> of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private readonly struct Layout
    {
        public readonly ulong BlockSize;
        public readonly ulong FragmentSize;
        public readonly ulong Blocks;
        public readonly ulong FreeBlocks;
        public readonly ulong AvailableBlocks;
        public readonly ulong Files;
        public readonly ulong FreeFiles;
        public readonly ulong AvailableFiles;
    }
}
