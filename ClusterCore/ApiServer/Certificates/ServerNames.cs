using System.Net;

namespace Flotilla.ClusterCore.ApiServer.Certificates;

/// <summary>Every name and address clients may call the API server by.</summary>
internal static class ServerNames
{
    public static IReadOnlyCollection<string> Of(ApiServerOptions options)
    {
        var names = new HashSet<string>(StringComparer.Ordinal)
        {
            "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost", "127.0.0.1",
            ServiceAddress(options.ServiceNetwork, 1).ToString(), options.Advertised.ToString(),
        };
        names.UnionWith(options.AlternativeNames);
        names.UnionWith(options.Listen.Select(end => end.Address).Where(address => !IsAny(address)).Select(address => address.ToString()));
        return names;
    }

    /// <summary>The nth address of a network.</summary>
    public static IPAddress ServiceAddress(IPNetwork network, int index)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var i = bytes.Length - 1; i >= 0 && index > 0; i--)
        {
            index += bytes[i];
            bytes[i] = (byte)index;
            index >>= 8;
        }

        return new(bytes);
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
