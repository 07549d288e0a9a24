using System.Runtime.InteropServices;

namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>Who may use a volume: everyone, or with fsGroup its group (set-group-id, so that new files belong to it too).</summary>
internal static partial class Ownership
{
    private const uint ForAll = 0b111_111_111;
    private const uint SetGroupId = 1 << 10;
    private const uint ToWrite = 0b110_110_000;
    private const uint ToRead = 0b100_100_000;
    private const uint ToEnter = 0b001_001_000;
    private const uint Permissions = 0b111_111_111_111;
    private const uint Nobody = uint.MaxValue;

    /// <summary>A volume that begins empty.</summary>
    public static void Open(string directory, long? fsGroup)
    {
        Check(ChangeMode(directory, fsGroup is null ? ForAll : ForAll | SetGroupId), directory);
        if (fsGroup is { } group)
        {
            Check(ChangeOwner(directory, Nobody, (uint)group), directory);
        }
    }

    /// <summary>A volume with files of earlier pods: its group is given all of them, beside whom they belong to.</summary>
    /// <param name="policy">With <c>OnRootMismatch</c> nothing is touched where the volume itself is as it should be.</param>
    public static void Share(string directory, long group, bool readOnly, string? policy)
    {
        var files = readOnly ? ToRead : ToWrite;
        var folders = files | ToEnter | SetGroupId;
        if (policy == "OnRootMismatch" && FileStatus.Of(directory) is { } root && root.Group == group && (root.Mode & folders) == folders)
        {
            return;
        }

        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos("*", Everything).Prepend(new DirectoryInfo(directory)))
        {
            Check(ChangeOwnerOfLink(entry.FullName, Nobody, (uint)group), entry.FullName);
            if (entry.LinkTarget is null && FileStatus.Of(entry.FullName) is { } status)
            {
                Check(ChangeMode(entry.FullName, (status.Mode & Permissions) | (entry is DirectoryInfo ? folders : files)), entry.FullName);
            }
        }
    }

    /// <summary>Links are changed themselves and not followed: they may lead out of the volume.</summary>
    private static EnumerationOptions Everything { get; } = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    private static void Check(int result, string path)
    {
        if (result != 0)
        {
            throw new IOException($"ownership of {path}: error {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeMode(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwnerOfLink(string path, uint owner, uint group);
}
