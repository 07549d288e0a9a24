using Flotilla.ClusterCore.Storage.Embedded.Index;

namespace Flotilla.ClusterCore.Storage.Embedded;

/// <summary>Everything a reader sees, as of one durable revision.</summary>
internal sealed record StoreState(KeyTreeNode Root, long Revision)
{
    /// <summary>As in etcd, an empty store is at revision 1.</summary>
    public static StoreState Empty { get; } = new(new KeyTreeLeaf(0), 1);
}
