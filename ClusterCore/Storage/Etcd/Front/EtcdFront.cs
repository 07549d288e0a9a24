using Flotilla.ClusterCore.Grpc;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.ClusterCore.Storage.Etcd.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.ClusterCore.Storage.Etcd.Front;

/// <summary>Serves an embedded store as an etcd of one member, for etcd's own clients.</summary>
public static class EtcdFront
{
    /// <summary>Above the store's limit for a transaction, so that it is the store that refuses.</summary>
    private const int MaxRequest = 2 * 1024 * 1024;

    /// <param name="clientUrls">Where clients reach this server, as told to those who ask for the members.</param>
    public static void MapEtcd(this IEndpointRouteBuilder endpoints, EmbeddedStore store, IReadOnlyList<string> clientUrls)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(store);
        var identity = new EtcdIdentity((ulong)store.StoreId, (ulong)store.StoreId ^ 1, "clustercore", clientUrls);
        var kv = new EtcdKvService(store, identity);
        var lease = new EtcdLeaseService(store, identity);
        var maintenance = new EtcdMaintenanceService(store, identity);

        _ = endpoints.MapGrpcUnary(EtcdMethods.Range, kv.RangeAsync, MaxRequest);
        _ = endpoints.MapGrpcUnary(EtcdMethods.Put, kv.PutAsync, MaxRequest);
        _ = endpoints.MapGrpcUnary(EtcdMethods.DeleteRange, kv.DeleteRangeAsync, MaxRequest);
        _ = endpoints.MapGrpcUnary(EtcdMethods.Txn, kv.TxnAsync, MaxRequest);
        _ = endpoints.MapGrpcUnary(EtcdMethods.Compact, kv.CompactAsync, MaxRequest);
        _ = endpoints.MapGrpcDuplex(EtcdMethods.Watch, (requests, responses, context) =>
            new EtcdWatchStream(store, identity, context.CancellationToken).RunAsync(requests, responses));
        _ = endpoints.MapGrpcUnary(EtcdMethods.LeaseGrant, lease.GrantAsync);
        _ = endpoints.MapGrpcUnary(EtcdMethods.LeaseRevoke, lease.RevokeAsync);
        _ = endpoints.MapGrpcDuplex(EtcdMethods.LeaseKeepAlive, lease.KeepAliveAsync);
        _ = endpoints.MapGrpcUnary(EtcdMethods.LeaseTimeToLive, lease.TimeToLiveAsync);
        _ = endpoints.MapGrpcUnary(EtcdMethods.LeaseLeases, lease.LeasesAsync);
        _ = endpoints.MapGrpcUnary(EtcdMethods.MemberList, maintenance.MembersAsync);
        _ = endpoints.MapGrpcUnary(EtcdMethods.Status, maintenance.StatusAsync);
        _ = endpoints.MapGrpcUnary(EtcdMethods.Alarm, maintenance.AlarmAsync);
        _ = endpoints.MapGrpcUnary(EtcdMethods.Defragment, maintenance.DefragmentAsync);
        _ = endpoints.MapGrpcUnary(EtcdMethods.HashKv, maintenance.HashAsync);
        _ = endpoints.MapGrpcServerStream(EtcdMethods.Snapshot, maintenance.SnapshotAsync);
        _ = endpoints.MapGrpcUnary(EtcdMethods.Health, maintenance.HealthAsync);
        _ = endpoints.MapGrpcUnimplemented();
        _ = endpoints.MapGet("/health", context => Results.Text(
            store.Failure is null ? """{"health":"true"}""" : """{"health":"false"}""", "application/json",
            statusCode: store.Failure is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context));
    }
}
