using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>What a path leads to, and whose group it is.</summary>
/// <param name="Mode">Type and permission bits, as <c>stat</c> has them.</param>
internal readonly partial record struct FileStatus(uint Mode, uint Group)
{
    private const int CurrentDirectory = -100;
    private const uint TypeModeAndGroup = 0x1 | 0x2 | 0x10;
    private const int GroupAt = 24;
    private const int ModeAt = 28;

    public uint Type => Mode & 0b1_111_000_000_000_000;

    /// <returns>Null where there is nothing.</returns>
    public static FileStatus? Of(string path)
    {
        // statx and not stat: its record is the same on every architecture.
        var record = new byte[256];
        return Statx(CurrentDirectory, path, 0, TypeModeAndGroup, record) == 0
            ? new(BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(ModeAt)), BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(GroupAt)))
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, [Out] byte[] record);
}
