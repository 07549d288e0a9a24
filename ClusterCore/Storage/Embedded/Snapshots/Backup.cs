using Flotilla.ClusterCore.Storage.Embedded.Files;
using Flotilla.ClusterCore.Storage.Embedded.Log;

namespace Flotilla.ClusterCore.Storage.Embedded.Snapshots;

/// <summary>A snapshot outside of the store's directory, that stands alone.</summary>
internal static class Backup
{
    public static void Write(
        string path, FileHeader header, StoreState state, IReadOnlyList<(long Id, TimeSpan TimeToLive)> leases,
        CancellationToken cancellationToken)
    {
        var temporary = path + ".part";
        using (var file = DiskFiles.OpenFile(temporary))
        {
            _ = SnapshotFile.Write(file, header, state, leases, cancellationToken);
        }

        File.Move(temporary, path, overwrite: false);
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="StoreCorruptException">The backup is damaged or cut short.</exception>
    public static SnapshotContent Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"there is no backup at {path}", path);
        }

        using var file = DiskFiles.OpenFile(path);
        return SnapshotFile.Read(file, path);
    }
}
