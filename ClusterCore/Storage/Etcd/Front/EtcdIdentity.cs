using Flotilla.ClusterCore.Storage.Etcd.Api;

namespace Flotilla.ClusterCore.Storage.Etcd.Front;

/// <summary>Who answers: a cluster of one member, which is its own leader.</summary>
internal sealed record EtcdIdentity(ulong ClusterId, ulong MemberId, string Name, IReadOnlyList<string> ClientUrls)
{
    /// <summary>The API level: clients switch features on by it (progress requests from 3.4.31 and 3.5.13 on).</summary>
    public const string ApiVersion = "3.5.30";

    public const ulong Term = 1;

    public ResponseHeader Header(long revision) =>
        new() { ClusterId = ClusterId, MemberId = MemberId, Revision = revision, RaftTerm = Term };
}
