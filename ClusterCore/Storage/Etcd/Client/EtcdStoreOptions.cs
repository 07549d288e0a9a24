using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Storage.Etcd.Client;

public sealed class EtcdStoreOptions
{
    /// <summary>The members' client addresses, <c>http://</c> or <c>https://</c>; one that fails is passed over for the next.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>PEM file of the authority that signed the members' certificates; null trusts the machine's.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM files of the client's certificate and key, for members that ask for one.</summary>
    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    /// <summary>How long one member may take to answer before it is given up.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a call that can be repeated is repeated.</summary>
    public TimeSpan RetryTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes of one transaction; must not be over the members' <c>--max-request-bytes</c>.</summary>
    public int MaxTransactionBytes { get; init; } = 1536 * 1024;

    /// <summary>How long superseded versions can be read and watched; infinite leaves compaction to others.</summary>
    public TimeSpan HistoryAge { get; init; } = TimeSpan.FromMinutes(5);

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;
}
