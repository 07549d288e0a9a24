using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Ports of containers.</summary>
internal static class PortValidation
{
    /// <param name="hostPorts">Of the whole pod: no two containers can have the same.</param>
    public static void Ports(JsonObject container, HashSet<string> hostPorts, bool hostNetwork, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var port in container.Items("ports"))
        {
            var at = $"{path}.ports[{index++}]";
            Name(port, names, at, errors);
            var number = port.Number("containerPort") ?? 0;
            if (number == 0)
            {
                errors.Required($"{at}.containerPort");
            }
            else
            {
                errors.Check($"{at}.containerPort", number, Rules.PortNumber(number));
            }

            HostPort(port, hostPorts, hostNetwork, at, errors);
            Rules.RequiredOneOf(port, "protocol", at, errors, "SCTP", "TCP", "UDP");
        }
    }

    private static void Name(JsonObject port, HashSet<string> names, string path, FieldErrors errors)
    {
        if (port.Text("name") is not { Length: > 0 } name)
        {
            return;
        }

        if (ObjectNames.PortName(name) is { } invalid)
        {
            errors.Invalid($"{path}.name", name, invalid);
        }
        else if (!names.Add(name))
        {
            errors.Duplicate($"{path}.name", name);
        }
    }

    private static void HostPort(JsonObject port, HashSet<string> hostPorts, bool hostNetwork, string path, FieldErrors errors)
    {
        if (port.Number("hostPort") is not { } hostPort || hostPort == 0)
        {
            return;
        }

        errors.Check($"{path}.hostPort", hostPort, Rules.PortNumber(hostPort));
        if (hostNetwork && hostPort != port.Number("containerPort"))
        {
            errors.Invalid($"{path}.hostPort", hostPort, "must match `containerPort` when `hostNetwork` is true");
        }

        var key = $"{port.Text("protocol")}/{port.Text("hostIP")}/{hostPort}";
        if (!hostPorts.Add(key))
        {
            errors.Duplicate($"{path}.hostPort", key);
        }
    }
}
