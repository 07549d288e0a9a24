using System.Numerics;
using System.Security.Cryptography;
using Flotilla.ClusterCore.Grpc;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.ClusterCore.Storage.Embedded.Log;
using Flotilla.ClusterCore.Storage.Etcd.Api;
using Google.Protobuf;

namespace Flotilla.ClusterCore.Storage.Etcd.Front;

internal sealed class EtcdMaintenanceService(EmbeddedStore store, EtcdIdentity identity)
{
    private const int ChunkLength = 64 * 1024;
    private const int Block = 512;

    public ValueTask<StatusResponse> StatusAsync(StatusRequest request, GrpcServerContext context)
    {
        var response = new StatusResponse
        {
            Header = identity.Header(store.Revision),
            Version = EtcdIdentity.ApiVersion,
            DbSize = store.DiskBytes,
            DbSizeInUse = store.MemoryBytes,
            Leader = identity.MemberId,
            RaftIndex = (ulong)store.Revision,
            RaftAppliedIndex = (ulong)store.Revision,
            RaftTerm = EtcdIdentity.Term,
        };
        if (store.IsFull)
        {
            response.Errors.Add($"memberID:{identity.MemberId} alarm:NOSPACE ");
        }

        return new(response);
    }

    /// <summary>The alarm rings while the disk is full and stops by itself: there is nothing to disarm.</summary>
    public ValueTask<AlarmResponse> AlarmAsync(AlarmRequest request, GrpcServerContext context)
    {
        if (request.Action == AlarmRequest.Types.AlarmAction.Activate)
        {
            throw EtcdErrors.Unsupported("raising alarms by hand");
        }

        var response = new AlarmResponse { Header = identity.Header(store.Revision) };
        if (store.IsFull)
        {
            response.Alarms.Add(new AlarmMember { MemberID = identity.MemberId, Alarm = AlarmType.Nospace });
        }

        return new(response);
    }

    /// <summary>The store has no holes to close up: it rewrites its files by itself.</summary>
    public ValueTask<DefragmentResponse> DefragmentAsync(DefragmentRequest request, GrpcServerContext context) =>
        new(new DefragmentResponse { Header = identity.Header(store.Revision) });

    public ValueTask<MemberListResponse> MembersAsync(MemberListRequest request, GrpcServerContext context)
    {
        var member = new Member { ID = identity.MemberId, Name = identity.Name };
        member.ClientURLs.AddRange(identity.ClientUrls);
        return new(new MemberListResponse { Header = identity.Header(store.Revision), Members = { member } });
    }

    public async ValueTask<HashKVResponse> HashAsync(HashKVRequest request, GrpcServerContext context)
    {
        var range = await store.RangeAsync(new(new(default, new byte[] { 0 }), request.Revision), context.CancellationToken);
        if (range.Compacted || range.Future)
        {
            throw range.Compacted ? EtcdErrors.Compacted : EtcdErrors.Future;
        }

        var hash = range.KeyValues.Aggregate(0u, static (sum, item) =>
            BitOperations.Crc32C(sum ^ Crc32C.Of(item.Key.Span), Crc32C.Of(item.Value.Span)) ^ (uint)item.ModRevision);
        return new() { Header = identity.Header(range.Revision), Hash = hash, CompactRevision = store.CompactedRevision };
    }

    /// <summary>A backup in this store's own format; by way of a file, because its length is told first.</summary>
    public async Task SnapshotAsync(SnapshotRequest request, IGrpcResponses<SnapshotResponse> responses, GrpcServerContext context)
    {
        await using var file = new FileStream(Path.GetTempFileName(), new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
        });
        var revision = await store.BackUpAsync(file, context.CancellationToken);
        file.Position = 0;
        await SendAsync(file, revision, responses, context.CancellationToken);
    }

    /// <summary>As etcd's clients expect it: whole blocks of 512 bytes, then their SHA-256.</summary>
    private async Task SendAsync(
        FileStream file, long revision, IGrpcResponses<SnapshotResponse> responses, CancellationToken cancellationToken)
    {
        using var checksum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunk = new byte[ChunkLength];
        int read;
        while ((read = await file.ReadAtLeastAsync(chunk, ChunkLength, throwOnEndOfStream: false, cancellationToken)) > 0)
        {
            var padded = (read + Block - 1) / Block * Block;
            chunk.AsSpan(read, padded - read).Clear();
            checksum.AppendData(chunk, 0, padded);
            await responses.WriteAsync(
                Part(revision, chunk.AsMemory(0, padded), file.Length - file.Position + SHA256.HashSizeInBytes), cancellationToken);
        }

        await responses.WriteAsync(Part(revision, checksum.GetHashAndReset(), 0), cancellationToken);
    }

    private SnapshotResponse Part(long revision, ReadOnlyMemory<byte> bytes, long remaining) => new()
    {
        Header = identity.Header(revision),
        RemainingBytes = (ulong)remaining,
        Blob = UnsafeByteOperations.UnsafeWrap(bytes),
    };

    public ValueTask<HealthCheckResponse> HealthAsync(HealthCheckRequest request, GrpcServerContext context) => new(new HealthCheckResponse
    {
        Status = store.Failure is null
            ? HealthCheckResponse.Types.ServingStatus.Serving
            : HealthCheckResponse.Types.ServingStatus.NotServing,
    });
}
