using Flotilla.ClusterCore.Storage.Embedded.Files;
using Flotilla.ClusterCore.Storage.Embedded.Log;
using Flotilla.ClusterCore.Storage.Embedded.Recovery;
using Flotilla.ClusterCore.Storage.Embedded.Snapshots;

namespace Flotilla.ClusterCore.Storage.Embedded;

/// <param name="TornFile">Where the last append was torn, which the next start cuts off; null when it was whole.</param>
/// <param name="Damage">What is corrupt; null when every byte is accounted for.</param>
public sealed record StoreReport(
    long StoreId, long Revision, long CompactedRevision, long Keys, int Leases, long Bytes,
    string? TornFile, long TornOffset, StoreCorruptException? Damage);

/// <summary>What can be done to a store's files while no process has it open.</summary>
public static class StoreFiles
{
    /// <summary>Reads everything and changes nothing.</summary>
    public static StoreReport Verify(string directory)
    {
        RequireStore(directory);
        using var files = DiskFiles.OpenDirectory(directory);
        var recovery = new StoreRecovery(files);
        var damage = Run(recovery, cutTornTail: false);
        return Report(files, recovery, damage);
    }

    /// <summary>
    /// Cuts the store before the first damaged record, which loses that record and all after it. The cut-off files are kept
    /// beside with the ending <c>.damaged</c>.
    /// </summary>
    /// <exception cref="StoreCorruptException">The damage is in the snapshot, which cannot be cut: restore a backup.</exception>
    public static StoreReport Repair(string directory)
    {
        RequireStore(directory);
        using var files = DiskFiles.OpenDirectory(directory);
        while (Run(new StoreRecovery(files), cutTornTail: true) is { } damage)
        {
            if (!LogSegment.IsName(damage.File) || !files.Exists(damage.File))
            {
                throw damage;
            }

            Cut(directory, files, damage);
        }

        var recovery = new StoreRecovery(files);
        recovery.Run(cutTornTail: true);
        return Report(files, recovery, null);
    }

    /// <summary>Writes the store as of now; a process that has it open sends it and goes on.</summary>
    public static async Task BackUpAsync(string directory, Stream target, CancellationToken cancellationToken)
    {
        RequireStore(directory);
        if (await BackupSocket.ConnectAsync(directory, cancellationToken) is { } source)
        {
            await using (source)
            {
                await source.CopyToAsync(target, cancellationToken);
            }

            return;
        }

        await using var store = await EmbeddedStore.OpenAsync(
            new() { Directory = directory, HistoryAge = Timeout.InfiniteTimeSpan }, cancellationToken);
        _ = await store.BackUpAsync(target, cancellationToken);
    }

    /// <summary>The same into a file, which is read back before it is trusted.</summary>
    /// <returns>The revision and the keys it has.</returns>
    public static async Task<(long Revision, long Keys)> BackUpAsync(string directory, string path, CancellationToken cancellationToken)
    {
        await Backup.WriteAsync(path, file => BackUpAsync(directory, file, cancellationToken), cancellationToken);
        var content = Backup.Read(path);
        return (content.Header.Revision, content.Keys);
    }

    /// <summary>Makes a store out of a backup, in a directory that is empty or not there yet.</summary>
    /// <exception cref="IOException">The directory is not empty.</exception>
    /// <exception cref="StoreCorruptException">The backup is damaged or cut short.</exception>
    public static StoreReport Restore(string backup, string directory)
    {
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
        {
            throw new IOException($"{directory} is not empty: a backup is only restored into an empty directory");
        }

        var content = Backup.Read(backup);
        using var files = DiskFiles.OpenDirectory(directory);
        using (var file = files.Open(SnapshotFile.TemporaryName))
        {
            SnapshotFile.Write(file, content.Header, content.State, content.Leases, CancellationToken.None);
        }

        files.Rename(SnapshotFile.TemporaryName, SnapshotFile.NameOf(content.Header.Revision));
        files.FlushDirectory();
        var recovery = new StoreRecovery(files);
        recovery.Run(cutTornTail: false);
        return Report(files, recovery, null);
    }

    private static StoreCorruptException? Run(StoreRecovery recovery, bool cutTornTail)
    {
        try
        {
            recovery.Run(cutTornTail);
            return null;
        }
        catch (StoreCorruptException damage)
        {
            return damage;
        }
    }

    private static void Cut(string directory, DiskFiles files, StoreCorruptException damage)
    {
        foreach (var name in files.List().Where(name => LogSegment.IsName(name) && string.CompareOrdinal(name, damage.File) >= 0))
        {
            File.Copy(Path.Combine(directory, name), Path.Combine(directory, $"{name}.damaged"), overwrite: true);
            if (name != damage.File || damage.Offset == 0)
            {
                files.Delete(name);
                continue;
            }

            using var file = files.Open(name);
            file.Truncate(damage.Offset);
            file.Flush();
        }

        files.FlushDirectory();
    }

    private static bool IsKept(string name) => name.EndsWith(".damaged", StringComparison.Ordinal);

    private static StoreReport Report(DiskFiles files, StoreRecovery recovery, StoreCorruptException? damage)
    {
        var bytes = files.List().Where(static name => !IsKept(name)).Sum(name =>
        {
            using var file = files.Open(name);
            return file.Length;
        });
        return new(
            recovery.Header.StoreId, recovery.State.Revision, recovery.State.Compacted, recovery.State.Keys,
            recovery.State.Leases.Count, bytes, recovery.Torn?.File, recovery.Torn?.Offset ?? 0, damage);
    }

    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static void RequireStore(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new DirectoryNotFoundException($"there is no store in {directory}");
        }
    }
}
