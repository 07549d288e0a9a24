using Flotilla.ClusterCore.Grpc;
using Flotilla.ClusterCore.Storage.Etcd.Api;
using Google.Protobuf;

namespace Flotilla.ClusterCore.Storage.Etcd.Front;

internal sealed class EtcdLeaseService(IStore store, EtcdIdentity identity)
{
    /// <summary>etcd's maximum: about 285 years.</summary>
    private const long MaxSeconds = 9_000_000_000;

    public async ValueTask<LeaseGrantResponse> GrantAsync(LeaseGrantRequest request, GrpcServerContext context)
    {
        if (request.TTL > MaxSeconds)
        {
            throw EtcdErrors.LeaseTooLong;
        }

        var timeToLive = TimeSpan.FromSeconds(Math.Max(1, request.TTL));
        var result = await store.GrantLeaseAsync(request.ID, timeToLive, context.CancellationToken);
        return result.Outcome switch
        {
            LeaseOutcome.Done => new() { Header = identity.Header(store.Revision), ID = result.Id, TTL = (long)result.TimeToLive.TotalSeconds },
            LeaseOutcome.AlreadyExists => throw EtcdErrors.LeaseExists,
            _ => throw EtcdErrors.NoSpace,
        };
    }

    public async ValueTask<LeaseRevokeResponse> RevokeAsync(LeaseRevokeRequest request, GrpcServerContext context) =>
        (await store.RevokeLeaseAsync(request.ID, context.CancellationToken)).Outcome switch
        {
            LeaseOutcome.Done => new() { Header = identity.Header(store.Revision) },
            LeaseOutcome.NotFound => throw EtcdErrors.LeaseNotFound,
            _ => throw EtcdErrors.NoSpace,
        };

    /// <summary>As in etcd, a lease that is gone is answered with a time to live of 0.</summary>
    public async Task KeepAliveAsync(
        IAsyncEnumerable<LeaseKeepAliveRequest> requests, IGrpcResponses<LeaseKeepAliveResponse> responses, GrpcServerContext context)
    {
        await foreach (var request in requests)
        {
            var result = await store.KeepLeaseAliveAsync(request.ID, context.CancellationToken);
            await responses.WriteAsync(
                new() { Header = identity.Header(store.Revision), ID = request.ID, TTL = (long)result.TimeToLive.TotalSeconds },
                context.CancellationToken);
        }
    }

    public async ValueTask<LeaseTimeToLiveResponse> TimeToLiveAsync(LeaseTimeToLiveRequest request, GrpcServerContext context)
    {
        var response = new LeaseTimeToLiveResponse { Header = identity.Header(store.Revision), ID = request.ID, TTL = -1 };
        if (await store.FindLeaseAsync(request.ID, context.CancellationToken) is { } lease)
        {
            response.TTL = (long)lease.Remaining.TotalSeconds;
            response.GrantedTTL = (long)lease.GrantedTimeToLive.TotalSeconds;
            response.Keys.AddRange(request.Keys ? lease.Keys.Select(UnsafeByteOperations.UnsafeWrap) : []);
        }

        return response;
    }

    public async ValueTask<LeaseLeasesResponse> LeasesAsync(LeaseLeasesRequest request, GrpcServerContext context)
    {
        var response = new LeaseLeasesResponse { Header = identity.Header(store.Revision) };
        response.Leases.AddRange((await store.ListLeasesAsync(context.CancellationToken)).Select(static id => new EtcdLeaseStatus { ID = id }));
        return response;
    }
}
