using Flotilla.ClusterCore.Storage.Embedded.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Storage.Embedded;

public sealed class EmbeddedStoreOptions
{
    /// <summary>Made, readable by its owner only, when it does not exist.</summary>
    public required string Directory { get; init; }

    /// <summary>How long superseded versions can be read and watched; infinite leaves compaction to the caller.</summary>
    public TimeSpan HistoryAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Superseded bytes kept at most, whatever their age.</summary>
    public long HistoryBytes { get; init; } = 16L * 1024 * 1024;

    /// <summary>Bytes of keys and values over which writes are refused; etcd's suggested maximum.</summary>
    public long QuotaBytes { get; init; } = 8L * 1024 * 1024 * 1024;

    /// <summary>Bytes of one transaction; etcd's default.</summary>
    public int MaxTransactionBytes { get; init; } = 1536 * 1024;

    /// <summary>A log file is closed, and the next one begun, at this size.</summary>
    public long SegmentBytes { get; init; } = 4L * 1024 * 1024;

    /// <summary>How often watches with progress notification hear of it when nothing else happens.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(5);

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Opens the directory; tests put a faulty one in its place.</summary>
    internal Func<string, IStoreFiles> OpenFiles { get; init; } = DiskFiles.OpenDirectory;

    internal bool KeepsAllHistory => HistoryAge == Timeout.InfiniteTimeSpan;
}
