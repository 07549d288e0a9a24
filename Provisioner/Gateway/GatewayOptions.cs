using System.Net;

namespace Flotilla.Provisioner.Gateway;

public sealed class GatewayOptions
{
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 6443);

    /// <summary>How long a client may take to say which cluster it wants: bounds what silent connections hold.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one master may take to accept before the next is tried.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    public int MaxConnections { get; init; } = 20_000;
}
