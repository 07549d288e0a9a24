using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Probes and lifecycle hooks.</summary>
internal static class ProbeValidation
{
    private static readonly string[] Periods = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];
    private static readonly string[] ProbeHandlers = ["exec", "httpGet", "tcpSocket", "grpc"];
    private static readonly string[] HookHandlers = ["exec", "httpGet", "tcpSocket", "sleep"];

    public static void Probes(JsonObject container, string path, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.Object(name) is { } probe)
            {
                Probe(probe, name, $"{path}.{name}", errors);
            }
        }

        foreach (var name in (ReadOnlySpan<string>)["postStart", "preStop"])
        {
            if (container.Object("lifecycle")?.Object(name) is { } hook)
            {
                Handler(hook, HookHandlers, $"{path}.lifecycle.{name}", errors);
            }
        }
    }

    private static void Probe(JsonObject probe, string name, string path, FieldErrors errors)
    {
        Handler(probe, ProbeHandlers, path, errors);
        foreach (var period in Periods)
        {
            Rules.NotNegative(probe, period, path, errors);
        }

        if (probe.Number("terminationGracePeriodSeconds") is <= 0 and var grace)
        {
            errors.Invalid($"{path}.terminationGracePeriodSeconds", grace, "must be greater than 0");
        }

        if (name == "readinessProbe")
        {
            if (probe["terminationGracePeriodSeconds"] is not null)
            {
                errors.Invalid($"{path}.terminationGracePeriodSeconds", probe.Number("terminationGracePeriodSeconds"), "must not be set for readinessProbes");
            }
        }
        else if (probe.Number("successThreshold") is { } threshold && threshold != 1)
        {
            errors.Invalid($"{path}.successThreshold", threshold, "must be 1");
        }
    }

    private static void Handler(JsonObject handler, string[] kinds, string path, FieldErrors errors)
    {
        var found = kinds.Where(kind => handler[kind] is not null).ToList();
        if (found.Count == 0)
        {
            errors.Required(path, "must specify a handler type");
        }

        foreach (var extra in found.Skip(1))
        {
            errors.Forbidden($"{path}.{extra}", "may not specify more than 1 handler type");
        }

        if (handler.Object("exec") is { } exec && exec.List("command") is not { Count: > 0 })
        {
            errors.Required($"{path}.exec.command");
        }

        if (handler.Object("httpGet") is { } httpGet)
        {
            Rules.Required(httpGet, "path", $"{path}.httpGet", errors);
            Rules.PortReference(httpGet["port"], $"{path}.httpGet.port", errors);
            Rules.OneOf(httpGet, "scheme", $"{path}.httpGet", errors, "HTTP", "HTTPS");
            foreach (var header in httpGet.Items("httpHeaders"))
            {
                Rules.Required(header, "name", $"{path}.httpGet.httpHeaders", errors);
            }
        }

        if (handler.Object("tcpSocket") is { } tcp)
        {
            Rules.PortReference(tcp["port"], $"{path}.tcpSocket.port", errors);
        }

        if (handler.Object("grpc") is { } grpc)
        {
            Rules.PortReference(grpc["port"], $"{path}.grpc.port", errors);
        }
    }
}
