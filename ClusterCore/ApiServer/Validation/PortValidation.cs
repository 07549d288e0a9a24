using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Ports of containers.</summary>
internal static class PortValidation
{
    public static void Ports(JsonObject container, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, port) in container.Items("ports").Index())
        {
            var at = $"{path}.ports[{index}]";
            Name(port, names, at, errors);
            var number = port.Number("containerPort") ?? 0;
            if (number == 0) { errors.Required($"{at}.containerPort"); }
            else { errors.Check($"{at}.containerPort", number, Rules.PortNumber(number)); }
            if (port.Number("hostPort") is { } hostPort and not 0) { errors.Check($"{at}.hostPort", hostPort, Rules.PortNumber(hostPort)); }
            Rules.RequiredOneOf(port, "protocol", at, errors, "SCTP", "TCP", "UDP");
        }
    }

    /// <summary>Containers that run at the same time cannot have the same port of the host.</summary>
    public static void HostPorts(IEnumerable<JsonObject> containers, string path, FieldErrors errors)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (at, port) in Every(containers, path))
        {
            if (port.Number("hostPort") is not { } hostPort || hostPort == 0) { continue; }
            var key = $"{port.Text("protocol")}/{port.Text("hostIP")}/{hostPort}";
            if (!taken.Add(key)) { errors.Duplicate($"{at}.hostPort", key); }
        }
    }

    /// <summary>In the host's network a container's ports are the host's; of a template they may be left out.</summary>
    public static void HostNetwork(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.Flag("hostNetwork") != true) { return; }
        foreach (var (at, port) in Every(spec.Items("containers"), $"{path}.containers"))
        {
            var hostPort = port.Number("hostPort") ?? 0;
            if (hostPort != 0 && hostPort != port.Number("containerPort"))
            {
                errors.Invalid($"{at}.hostPort", hostPort, "must match `containerPort` when `hostNetwork` is true");
            }
        }
    }

    private static IEnumerable<(string Path, JsonObject Port)> Every(IEnumerable<JsonObject> containers, string path) =>
        containers.Index().SelectMany(entry => entry.Item.Items("ports").Select((port, index) => ($"{path}[{entry.Index}].ports[{index}]", port)));

    private static void Name(JsonObject port, HashSet<string> names, string path, FieldErrors errors)
    {
        if (port.Text("name") is not { Length: > 0 } name)
        {
            return;
        }

        if (ObjectNames.PortName(name) is { Count: > 0 } invalid)
        {
            errors.Check($"{path}.name", name, invalid);
        }
        else if (!names.Add(name))
        {
            errors.Duplicate($"{path}.name", name);
        }
    }
}
