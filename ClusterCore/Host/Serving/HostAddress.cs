using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Flotilla.ClusterCore.Host.Serving;

/// <summary>Where others find this machine, for a server that listens on every address and was told none.</summary>
internal static class HostAddress
{
    /// <returns>The address of the first interface with a gateway, otherwise of the first that is up; null where there is only loopback.</returns>
    public static IPAddress? Of(AddressFamily family)
    {
        var up = NetworkInterface.GetAllNetworkInterfaces()
            .Where(static one => one.OperationalStatus == OperationalStatus.Up && one.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .Select(static one => one.GetIPProperties())
            .OrderByDescending(properties => properties.GatewayAddresses.Any(gateway => gateway.Address.AddressFamily == family));
        return up.SelectMany(static properties => properties.UnicastAddresses)
            .Select(static unicast => unicast.Address)
            .FirstOrDefault(address => address.AddressFamily == family && !address.IsIPv6LinkLocal && !IPAddress.IsLoopback(address));
    }
}
