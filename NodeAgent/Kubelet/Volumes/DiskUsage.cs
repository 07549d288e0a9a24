using System.IO.Enumeration;

namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>What the files below a folder take up. Sizes are those the files show: holes count as if they were written.</summary>
public readonly record struct DiskUsage(long Bytes, long Inodes)
{
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = true };

    public static DiskUsage operator +(DiskUsage left, DiskUsage right) => new(left.Bytes + right.Bytes, left.Inodes + right.Inodes);

    public static DiskUsage Below(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return default;
        }

        var usage = new DiskUsage(0, 1);
        var sizes = new FileSystemEnumerable<long>(folder, static (ref entry) => entry.IsDirectory ? 0 : entry.Length, Everything)
        {
            ShouldRecursePredicate = static (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
        try
        {
            foreach (var size in sizes)
            {
                usage += new DiskUsage(size, 1);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Files come and go while they are counted.
            return usage;
        }

        return usage;
    }
}
