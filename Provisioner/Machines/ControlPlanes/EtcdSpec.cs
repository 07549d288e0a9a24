namespace Flotilla.Provisioner.Machines.ControlPlanes;

/// <summary>The etcd member of one of several masters.</summary>
public sealed record EtcdSpec
{
    public required ControlPlaneId Id { get; init; }

    public required int ClientPort { get; init; }

    public required int PeerPort { get; init; }

    /// <summary>All members, as etcd's <c>--initial-cluster</c> wants them; they are called <c>master-N</c>.</summary>
    public required string InitialCluster { get; init; }

    /// <summary><c>ca.crt</c>, <c>member.crt</c>, <c>member.key</c> (name → PEM).</summary>
    public required IReadOnlyDictionary<string, string> PkiFiles { get; init; }
}
