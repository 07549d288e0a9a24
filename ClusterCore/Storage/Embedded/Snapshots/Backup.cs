using Flotilla.ClusterCore.Storage.Embedded.Files;

namespace Flotilla.ClusterCore.Storage.Embedded.Snapshots;

/// <summary>A snapshot outside of the store's directory, that stands alone.</summary>
internal static class Backup
{
    /// <summary>What a cluster's Secrets are in is for its owner's eyes.</summary>
    private static readonly FileStreamOptions OwnersOnly = new()
    {
        Mode = FileMode.Create,
        Access = FileAccess.Write,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    };

    /// <summary>Makes a backup that has its name only when all of it is on the disk.</summary>
    /// <exception cref="IOException">There is a file of that name.</exception>
    public static async Task WriteAsync(string path, Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
        {
            throw new IOException($"{path} exists: a backup does not take the place of a file");
        }

        var part = path + ".part";
        try
        {
            await using (var file = new FileStream(part, OwnersOnly))
            {
                await write(file);
                await file.FlushAsync(cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(part, path, overwrite: false);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
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
