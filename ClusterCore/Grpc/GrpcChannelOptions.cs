using System.Net.Security;

namespace Flotilla.ClusterCore.Grpc;

public sealed class GrpcChannelOptions
{
    /// <summary>Bytes of the largest message accepted from the server; gRPC's usual default is 4 MiB.</summary>
    public int MaxReceiveMessageSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>For <c>https</c> addresses: trust and client certificates.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A ping after this much silence while calls are under way; finds a peer that vanished.</summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = Timeout.InfiniteTimeSpan;

    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <param name="Timeout">Sent as <c>grpc-timeout</c> and kept locally; null waits for ever.</param>
/// <param name="Metadata">Extra request headers.</param>
public sealed record GrpcCallOptions(TimeSpan? Timeout = null, IReadOnlyDictionary<string, string>? Metadata = null);
