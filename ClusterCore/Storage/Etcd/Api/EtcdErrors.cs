using Flotilla.ClusterCore.Grpc;

namespace Flotilla.ClusterCore.Storage.Etcd.Api;

/// <summary>etcd's errors: clients compare these very texts.</summary>
internal static class EtcdErrors
{
    public const string CompactedText = "etcdserver: mvcc: required revision has been compacted";
    public const string FutureText = "etcdserver: mvcc: required revision is a future revision";
    public const string NoSpaceText = "etcdserver: mvcc: database space exceeded";
    public const string LeaseNotFoundText = "etcdserver: requested lease not found";
    public const string LeaseExistsText = "etcdserver: lease already exists";
    public const string DuplicateKeyText = "etcdserver: duplicate key given in txn request";
    public const string TooLargeText = "etcdserver: request is too large";
    public const string DeadlineText = "context deadline exceeded";

    /// <summary>The member has more to apply than it keeps up with.</summary>
    public const string TooManyRequestsText = "etcdserver: too many requests";
    public const string ProposalDroppedText = "raft proposal dropped";

    public static GrpcException EmptyKey => new(GrpcStatusCode.InvalidArgument, "etcdserver: key is not provided");

    public static GrpcException KeyNotFound => new(GrpcStatusCode.InvalidArgument, "etcdserver: key not found");

    public static GrpcException ValueProvided => new(GrpcStatusCode.InvalidArgument, "etcdserver: value is provided");

    public static GrpcException LeaseProvided => new(GrpcStatusCode.InvalidArgument, "etcdserver: lease is provided");

    public static GrpcException TooManyOperations =>
        new(GrpcStatusCode.InvalidArgument, "etcdserver: too many operations in txn request");

    public static GrpcException DuplicateKey => new(GrpcStatusCode.InvalidArgument, DuplicateKeyText);

    public static GrpcException TooLarge => new(GrpcStatusCode.InvalidArgument, TooLargeText);

    public static GrpcException Compacted => new(GrpcStatusCode.OutOfRange, CompactedText);

    public static GrpcException Future => new(GrpcStatusCode.OutOfRange, FutureText);

    public static GrpcException NoSpace => new(GrpcStatusCode.ResourceExhausted, NoSpaceText);

    public static GrpcException LeaseNotFound => new(GrpcStatusCode.NotFound, LeaseNotFoundText);

    public static GrpcException LeaseExists => new(GrpcStatusCode.FailedPrecondition, LeaseExistsText);

    public static GrpcException LeaseTooLong => new(GrpcStatusCode.OutOfRange, "etcdserver: too large lease TTL");

    public static GrpcException Unsupported(string what) =>
        new(GrpcStatusCode.Unimplemented, $"this store does not support {what}");
}
