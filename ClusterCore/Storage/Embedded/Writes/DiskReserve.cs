using Flotilla.ClusterCore.Storage.Embedded.Files;

namespace Flotilla.ClusterCore.Storage.Embedded.Writes;

/// <summary>A file that only takes up room, given up when the disk is full so that deletions can still be written.</summary>
internal sealed class DiskReserve(IStoreFiles files)
{
    private const string Name = "reserve";
    private const long Length = 512 * 1024;

    /// <returns>False when there is no room.</returns>
    public bool TryTake()
    {
        using var file = files.Open(Name);
        try
        {
            file.Allocate(Length);
            return true;
        }
        catch (NoSpaceException)
        {
            file.Truncate(0);
            return false;
        }
    }

    /// <returns>False when it was given up before.</returns>
    public bool TryGiveUp()
    {
        using var file = files.Open(Name);
        if (file.Length == 0)
        {
            return false;
        }

        file.Truncate(0);
        return true;
    }
}
