using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>The variables by which containers find services: <c>WEB_SERVICE_HOST</c>, <c>WEB_PORT_80_TCP_ADDR</c> and their kin.</summary>
public static class ServiceVariables
{
    public static IEnumerable<KeyValuePair<string, string>> Of(IEnumerable<Service> services, string ns, bool enableServiceLinks) =>
        services
            .Where(service => HasAddress(service) && (IsApiServer(service) || (enableServiceLinks && service.Metadata.Namespace == ns)))
            .SelectMany(Of);

    private static bool HasAddress(Service service) => service.Spec?.ClusterIP is { Length: > 0 } and not "None";

    private static bool IsApiServer(Service service) => service.Metadata is { Namespace: "default", Name: "kubernetes" };

    private static IEnumerable<KeyValuePair<string, string>> Of(Service service)
    {
        var prefix = Variable(service.Metadata.Name);
        var host = service.Spec!.ClusterIP!;
        var ports = service.Spec.Ports ?? [];
        yield return new($"{prefix}_SERVICE_HOST", host);
        foreach (var (port, index) in ports.Select((port, index) => (port, index)))
        {
            if (index == 0)
            {
                yield return new($"{prefix}_SERVICE_PORT", $"{port.Port}");
                yield return new($"{prefix}_PORT", Url(port, host));
            }

            if (port.Name is { Length: > 0 })
            {
                yield return new($"{prefix}_SERVICE_PORT_{Variable(port.Name)}", $"{port.Port}");
            }

            var protocol = (port.Protocol ?? "TCP").ToUpperInvariant();
            var each = $"{prefix}_PORT_{port.Port}_{protocol}";
            yield return new(each, Url(port, host));
            yield return new($"{each}_PROTO", protocol.ToLowerInvariant());
            yield return new($"{each}_PORT", $"{port.Port}");
            yield return new($"{each}_ADDR", host);
        }
    }

    private static string Url(ServicePort port, string host) => $"{(port.Protocol ?? "TCP").ToLowerInvariant()}://{host}:{port.Port}";

    private static string Variable(string name) => name.ToUpperInvariant().Replace('-', '_');
}
