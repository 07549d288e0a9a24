using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Network.Dns.Forwarding;

/// <summary>
/// The ConfigMap <c>kube-system/kube-dns</c>, in the format that Kubernetes documents for kube-dns:
/// <code>
/// stubDomains: {"acme.local": ["10.1.0.53", "10.1.0.54:5353"]}
/// upstreamNameservers: ["192.0.2.53"]
/// </code>
/// </summary>
internal static class DnsConfigMap
{
    public const string Namespace = "kube-system";
    public const string Name = "kube-dns";

    /// <param name="fallback">The machine's own name servers, for when the map names none.</param>
    /// <exception cref="FormatException">It holds something else.</exception>
    public static NameServers Read(ConfigMap? map, IReadOnlyList<IPEndPoint> fallback, IPAddress self)
    {
        var upstream = Parse(map, "upstreamNameservers") is { } listed ? Servers(listed, self) : fallback;
        var stubs = new Dictionary<string, IReadOnlyList<IPEndPoint>>(StringComparer.Ordinal);
        foreach (var (domain, servers) in Parse(map, "stubDomains") as JsonObject ?? [])
        {
            stubs[domain.Trim('.').ToLowerInvariant()] = Servers(servers, self);
        }
        return new(upstream, stubs);
    }

    private static JsonNode? Parse(ConfigMap? map, string key)
    {
        try
        {
            return map?.Data?.GetValueOrDefault(key) is { Length: > 0 } text ? JsonNode.Parse(text) : null;
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{key} is no JSON: {exception.Message}", exception);
        }
    }

    private static IReadOnlyList<IPEndPoint> Servers(JsonNode? list, IPAddress self) =>
        [.. (list as JsonArray ?? throw new FormatException("name servers are a list")).Select(one => Server(one?.ToString() ?? "")).Where(server => ResolvConf.IsElsewhere(server.Address, self))];

    private static IPEndPoint Server(string text) => IPEndPoint.TryParse(text, out var server)
        ? new(server.Address, server.Port == 0 ? ResolvConf.DnsPort : server.Port)
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"\"{text}\" is no address of a name server"));
}
