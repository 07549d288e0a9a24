using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Probes and lifecycle hooks.</summary>
internal static class ProbeValidation
{
    private static readonly string[] Periods = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];
    private static readonly string[] ProbeHandlers = ["exec", "httpGet", "tcpSocket", "grpc"];
    private static readonly string[] HookHandlers = ["exec", "httpGet", "tcpSocket", "sleep"];
    private static readonly IReadOnlyList<string> linuxSignals = ApiCatalog.Default.Type("k8s.io.api.core.v1.Lifecycle")!.Field("stopSignal")!.Enum;

    public static void Probes(JsonObject container, JsonObject spec, string path, FieldErrors errors)
    {
        var grace = spec.Number("terminationGracePeriodSeconds");
        foreach (var name in (ReadOnlySpan<string>)["postStart", "preStop"])
        {
            if (container.Object("lifecycle")?.Object(name) is { } hook) { Handler(hook, HookHandlers, grace, $"{path}.lifecycle.{name}", errors); }
        }

        StopSignal(container, spec, $"{path}.lifecycle.stopSignal", errors);
        foreach (var name in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.Object(name) is { } probe) { Probe(probe, name, $"{path}.{name}", errors); }
        }
    }

    private static void Probe(JsonObject probe, string name, string path, FieldErrors errors)
    {
        Handler(probe, ProbeHandlers, grace: null, path, errors);
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

    /// <summary>Signals are those of the system that the pod says it is for.</summary>
    private static void StopSignal(JsonObject container, JsonObject spec, string path, FieldErrors errors)
    {
        if (container.Object("lifecycle")?.Text("stopSignal") is not { } signal) { return; }
        switch (spec.Object("os")?.Text("name"))
        {
            case null or "": errors.Forbidden(path, "may not be set for containers with empty `spec.os.name`"); break;
            case "windows" when signal is not ("SIGKILL" or "SIGTERM"): errors.NotSupported(path, signal, ["SIGKILL", "SIGTERM"]); break;
            case "linux" when !linuxSignals.Contains(signal, StringComparer.Ordinal): errors.NotSupported(path, signal, linuxSignals.Order(StringComparer.Ordinal)); break;
        }
    }

    /// <param name="grace">How long the pod has to end: no hook sleeps longer.</param>
    private static void Handler(JsonObject handler, string[] kinds, long? grace, string path, FieldErrors errors)
    {
        var found = kinds.Where(kind => handler[kind] is not null).ToList();
        if (found.Count == 0) { errors.Required(path, "must specify a handler type"); }
        foreach (var (index, kind) in found.Index())
        {
            if (index > 0) { errors.Forbidden($"{path}.{kind}", "may not specify more than 1 handler type"); }
            else if (handler.Object(kind) is { } action) { Action(kind, action, grace, $"{path}.{kind}", errors); }
        }
    }

    private static void Action(string kind, JsonObject action, long? grace, string path, FieldErrors errors)
    {
        switch (kind)
        {
            case "exec" when action.List("command") is not { Count: > 0 }:
                errors.Required($"{path}.command");
                break;
            case "httpGet":
                Rules.Required(action, "path", path, errors);
                Rules.PortReference(action["port"], $"{path}.port", errors);
                Rules.OneOf(action, "scheme", path, errors, "HTTP", "HTTPS");
                foreach (var header in action.Items("httpHeaders").Select(static header => header.Text("name") ?? ""))
                {
                    errors.Check($"{path}.httpHeaders", header, ObjectNames.HttpHeaderName(header));
                }

                break;
            case "tcpSocket" or "grpc":
                Rules.PortReference(action["port"], $"{path}.port", errors);
                break;
            case "sleep" when (action.Number("seconds") ?? 0) is var seconds && (seconds < 0 || seconds > grace):
                errors.Invalid(path, seconds, $"must be non-negative and less than terminationGracePeriodSeconds ({grace})");
                break;
        }
    }
}
