namespace Flotilla.ClusterCore.Storage;

/// <summary>Another process has the store's directory open.</summary>
public sealed class StoreLockedException(string directory, Exception? innerException = null)
    : IOException($"the store in {directory} is in use by another process", innerException);

/// <summary>A file of the store does not hold what was once written to it; nothing was changed.</summary>
public sealed class StoreCorruptException(string file, long offset, string reason)
    : IOException($"{file} is corrupt at offset {offset}: {reason} (see 'clustercore store verify' and 'repair')")
{
    public string File { get; } = file;

    public long Offset { get; } = offset;

    public string Reason { get; } = reason;
}

/// <summary>
/// The store cannot answer now: it was closed, the disk failed, or no member can be reached. Whether a write it was thrown
/// for took place is not known.
/// </summary>
public sealed class StoreUnavailableException(string message, Exception? innerException = null)
    : IOException(message, innerException);
