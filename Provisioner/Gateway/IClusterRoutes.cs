using System.Net;

namespace Flotilla.Provisioner.Gateway;

/// <summary>Who serves a name. Asked for each connection.</summary>
public interface IClusterRoutes
{
    /// <summary>
    /// The addresses of the healthy masters behind <paramref name="serverName"/>, best first; empty when no cluster has that
    /// name. May take its time: a hibernated cluster is woken before it answers.
    /// </summary>
    ValueTask<IReadOnlyList<IPEndPoint>> FindAsync(string serverName, CancellationToken cancellationToken);
}
