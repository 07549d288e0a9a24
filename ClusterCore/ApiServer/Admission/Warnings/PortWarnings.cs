using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Warnings;

/// <summary>Ports of a pod's containers that are one and the same.</summary>
internal static class PortWarnings
{
    private sealed record Port(string Path, string Name, long Number, string Protocol, string HostIp, long HostPort)
    {
        /// <summary>As Go prints it.</summary>
        public override string ToString() => $"{{Name:{Name} HostPort:{HostPort} ContainerPort:{Number} Protocol:{Protocol} HostIP:{HostIp}}}";
    }

    public static IEnumerable<string> Of(JsonObject spec, string at)
    {
        var seen = new List<Port>();
        foreach (var port in PodSecurityValidation.Containers(spec, at).SelectMany(static one => Ports(one.Container, one.Path)))
        {
            if (port is { HostIp.Length: > 0, HostPort: 0 }) { yield return $"{port.Path}: hostIP set without hostPort: {port}"; }
            foreach (var other in seen.Where(other => other.Number == port.Number && other.Protocol == port.Protocol))
            {
                if (Clash(port, other) is { } clash) { yield return $"{port.Path}: {clash} port definition with {other.Path}"; }
            }

            seen.Add(port);
        }

        foreach (var port in seen.Where(static port => port.Name.Length > 0))
        {
            var first = seen.First(other => other.Name == port.Name).Path;
            if (first != port.Path) { yield return $"{port.Path}: duplicate port name {FieldError.Quote(port.Name)} with {first}, services and probes that select ports by name will use {first}"; }
        }
    }

    private static string? Clash(Port port, Port other) => (port, other) switch
    {
        _ when port.HostIp == other.HostIp && port.HostPort == other.HostPort => "duplicate",
        ({ HostPort: 0 }, _) or (_, { HostPort: 0 }) => "overlapping",
        _ when port.HostPort == other.HostPort && port.HostIp.Length == 0 != (other.HostIp.Length == 0) => "dangerously ambiguous",
        _ => null,
    };

    private static IEnumerable<Port> Ports(JsonObject container, string at) => container.Items("ports").Select((port, index) => new Port(
        $"{at}.ports[{index}]", port.Text("name") ?? "", port.Number("containerPort") ?? 0, port.Text("protocol") ?? "TCP", port.Text("hostIP") ?? "", port.Number("hostPort") ?? 0));
}
