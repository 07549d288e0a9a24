using Flotilla.Provisioner.Machines.Networks;

namespace Flotilla.Provisioner.Machines.ControlPlanes;

/// <param name="Member">0 and up: which of the cluster's masters.</param>
public sealed record ControlPlaneId(string ClusterId, int Member = 0);

public sealed record ControlPlaneSpec
{
    public required ControlPlaneId Id { get; init; }

    public required ClusterNetwork Network { get; init; }

    /// <summary>Files the control plane finds in <c>pki/</c> before its first start (name → PEM), so that all masters share them.</summary>
    public IReadOnlyDictionary<string, string> PkiFiles { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Names besides the usual ones that the serving certificate is valid for.</summary>
    public IReadOnlyList<string> TlsSubjectAlternativeNames { get; init; } = [];

    /// <summary>
    /// Empty: the embedded store. Else <see cref="PkiFiles"/> hold the way in: <c>etcd-ca.crt</c>, <c>etcd-client.crt</c>,
    /// <c>etcd-client.key</c>.
    /// </summary>
    public IReadOnlyList<string> EtcdServers { get; init; } = [];

    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <summary>0 is no limit.</summary>
    public long MemoryLimitBytes { get; init; }
}
