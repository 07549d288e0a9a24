using Flotilla.ClusterCore.Grpc;
using Google.Protobuf;

namespace Flotilla.ClusterCore.Storage.Etcd.Api;

/// <summary>The calls of etcd's v3 API, for both ends of the wire.</summary>
internal static class EtcdMethods
{
    private const string Kv = "etcdserverpb.KV";
    private const string Watching = "etcdserverpb.Watch";
    private const string Lease = "etcdserverpb.Lease";
    private const string Cluster = "etcdserverpb.Cluster";
    private const string Maintenance = "etcdserverpb.Maintenance";

    public static readonly GrpcMethod<EtcdRangeRequest, EtcdRangeResponse> Range = Of(Kv, "Range", EtcdRangeRequest.Parser, EtcdRangeResponse.Parser);
    public static readonly GrpcMethod<PutRequest, PutResponse> Put = Of(Kv, "Put", PutRequest.Parser, PutResponse.Parser);
    public static readonly GrpcMethod<DeleteRangeRequest, DeleteRangeResponse> DeleteRange = Of(Kv, "DeleteRange", DeleteRangeRequest.Parser, DeleteRangeResponse.Parser);
    public static readonly GrpcMethod<EtcdTxnRequest, EtcdTxnResponse> Txn = Of(Kv, "Txn", EtcdTxnRequest.Parser, EtcdTxnResponse.Parser);
    public static readonly GrpcMethod<CompactionRequest, CompactionResponse> Compact = Of(Kv, "Compact", CompactionRequest.Parser, CompactionResponse.Parser);
    public static readonly GrpcMethod<EtcdWatchRequest, EtcdWatchResponse> Watch = Of(Watching, "Watch", EtcdWatchRequest.Parser, EtcdWatchResponse.Parser);
    public static readonly GrpcMethod<LeaseGrantRequest, LeaseGrantResponse> LeaseGrant = Of(Lease, "LeaseGrant", LeaseGrantRequest.Parser, LeaseGrantResponse.Parser);
    public static readonly GrpcMethod<LeaseRevokeRequest, LeaseRevokeResponse> LeaseRevoke = Of(Lease, "LeaseRevoke", LeaseRevokeRequest.Parser, LeaseRevokeResponse.Parser);
    public static readonly GrpcMethod<LeaseKeepAliveRequest, LeaseKeepAliveResponse> LeaseKeepAlive = Of(Lease, "LeaseKeepAlive", LeaseKeepAliveRequest.Parser, LeaseKeepAliveResponse.Parser);
    public static readonly GrpcMethod<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse> LeaseTimeToLive = Of(Lease, "LeaseTimeToLive", LeaseTimeToLiveRequest.Parser, LeaseTimeToLiveResponse.Parser);
    public static readonly GrpcMethod<LeaseLeasesRequest, LeaseLeasesResponse> LeaseLeases = Of(Lease, "LeaseLeases", LeaseLeasesRequest.Parser, LeaseLeasesResponse.Parser);
    public static readonly GrpcMethod<MemberListRequest, MemberListResponse> MemberList = Of(Cluster, "MemberList", MemberListRequest.Parser, MemberListResponse.Parser);
    public static readonly GrpcMethod<AlarmRequest, AlarmResponse> Alarm = Of(Maintenance, "Alarm", AlarmRequest.Parser, AlarmResponse.Parser);
    public static readonly GrpcMethod<StatusRequest, StatusResponse> Status = Of(Maintenance, "Status", StatusRequest.Parser, StatusResponse.Parser);
    public static readonly GrpcMethod<DefragmentRequest, DefragmentResponse> Defragment = Of(Maintenance, "Defragment", DefragmentRequest.Parser, DefragmentResponse.Parser);
    public static readonly GrpcMethod<HashKVRequest, HashKVResponse> HashKv = Of(Maintenance, "HashKV", HashKVRequest.Parser, HashKVResponse.Parser);
    public static readonly GrpcMethod<SnapshotRequest, SnapshotResponse> Snapshot = Of(Maintenance, "Snapshot", SnapshotRequest.Parser, SnapshotResponse.Parser);
    public static readonly GrpcMethod<HealthCheckRequest, HealthCheckResponse> Health = Of("grpc.health.v1.Health", "Check", HealthCheckRequest.Parser, HealthCheckResponse.Parser);

    private static GrpcMethod<TRequest, TResponse> Of<TRequest, TResponse>(
        string service, string name, MessageParser<TRequest> request, MessageParser<TResponse> response)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse> => new(service, name, Marshaller(request), Marshaller(response));

    private static GrpcMarshaller<T> Marshaller<T>(MessageParser<T> parser)
        where T : IMessage<T> => new(static message => message.CalculateSize(), static (message, writer) => message.WriteTo(writer), parser.ParseFrom);
}
