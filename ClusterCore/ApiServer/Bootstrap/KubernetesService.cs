using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Certificates;

namespace Flotilla.ClusterCore.ApiServer.Bootstrap;

/// <summary>The Service pods reach the API server by, and its endpoints.</summary>
internal static class KubernetesService
{
    private const string Name = "kubernetes";

    public static IEnumerable<JsonObject> Objects(ApiServerOptions options, int port) =>
        [Service(options, port), .. EndpointObjects(options, port, [options.Advertised])];

    public static IEnumerable<JsonObject> EndpointObjects(ApiServerOptions options, int port, IReadOnlyList<IPAddress> servers) =>
        [Endpoints(port, servers), EndpointSlice(options, port, servers)];

    private static JsonObject Service(ApiServerOptions options, int port)
    {
        var (obj, address) = (In("v1", "Service"), ServerNames.ServiceAddress(options.ServiceNetwork, 1).ToString());
        obj["metadata"]!["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = Name };
        obj["spec"] = new JsonObject
        {
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["protocol"] = "TCP", ["port"] = 443, ["targetPort"] = port }),
            ["clusterIP"] = address,
            ["clusterIPs"] = new JsonArray(address),
            ["type"] = "ClusterIP",
            ["sessionAffinity"] = "None",
            ["ipFamilies"] = new JsonArray(Family(options)),
            ["ipFamilyPolicy"] = "SingleStack",
            ["internalTrafficPolicy"] = "Cluster",
        };
        return obj;
    }

    private static JsonObject Endpoints(int port, IReadOnlyList<IPAddress> servers)
    {
        var obj = In("v1", "Endpoints");
        obj["metadata"]!["labels"] = new JsonObject { ["endpointslice.kubernetes.io/skip-mirror"] = "true" };
        obj["subsets"] = new JsonArray(new JsonObject
        {
            ["addresses"] = new JsonArray([.. servers.Select(server => new JsonObject { ["ip"] = server.ToString() })]),
            ["ports"] = new JsonArray(Port(port)),
        });
        return obj;
    }

    private static JsonObject EndpointSlice(ApiServerOptions options, int port, IReadOnlyList<IPAddress> servers)
    {
        var obj = In("discovery.k8s.io/v1", "EndpointSlice");
        obj["metadata"]!["labels"] = new JsonObject { ["kubernetes.io/service-name"] = Name };
        obj["addressType"] = Family(options);
        obj["endpoints"] = new JsonArray([.. servers.Select(server => new JsonObject
        {
            ["addresses"] = new JsonArray(server.ToString()),
            ["conditions"] = new JsonObject { ["ready"] = true },
        })]);
        obj["ports"] = new JsonArray(Port(port));
        return obj;
    }

    private static JsonObject Port(int port) => new() { ["name"] = "https", ["port"] = port, ["protocol"] = "TCP" };

    private static string Family(ApiServerOptions options) => options.Advertised.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";

    private static JsonObject In(string apiVersion, string kind)
    {
        var obj = FirstObjects.Object(apiVersion, kind, Name);
        obj["metadata"]!["namespace"] = "default";
        return obj;
    }
}
