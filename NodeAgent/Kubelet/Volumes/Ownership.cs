using System.Runtime.InteropServices;

namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>Who may use an empty volume: everyone, or with fsGroup its group (set-group-id, so that new files belong to it too).</summary>
internal static partial class Ownership
{
    private const uint ForAll = 0b111_111_111;
    private const uint SetGroupId = 1 << 10;

    public static void Open(string directory, long? fsGroup)
    {
        Check(ChangeMode(directory, fsGroup is null ? ForAll : ForAll | SetGroupId), directory);
        if (fsGroup is { } group)
        {
            Check(ChangeOwner(directory, uint.MaxValue, (uint)group), directory);
        }
    }

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
}
