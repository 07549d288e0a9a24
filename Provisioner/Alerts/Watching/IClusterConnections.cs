using Flotilla.ClusterCore.Client;
using Flotilla.Provisioner.Fleet.Clusters;

namespace Flotilla.Provisioner.Alerts.Watching;

/// <summary>Which clusters this process watches, and the way into them.</summary>
public interface IClusterConnections
{
    Task<IReadOnlyList<Cluster>> ListAsync(CancellationToken cancellationToken);

    /// <summary>A client of its own, for the caller to dispose of.</summary>
    ApiClient Connect(Cluster cluster);
}
