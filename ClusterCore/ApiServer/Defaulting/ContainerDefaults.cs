using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class ContainerDefaults
{
    public static void Container(JsonObject container)
    {
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        container.Default("imagePullPolicy", PullPolicy(container.Text("image")));
        foreach (var port in container.Items("ports"))
        {
            port.Default("protocol", "TCP");
        }

        foreach (var variable in container.Items("env"))
        {
            FieldReference(variable.Object("valueFrom")?.Object("fieldRef"));
            Divisor(variable.Object("valueFrom")?.Object("resourceFieldRef"));
        }

        foreach (var probe in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            Probe(container.Object(probe));
        }

        if (container.Object("lifecycle") is { } lifecycle)
        {
            Handler(lifecycle.Object("postStart"));
            Handler(lifecycle.Object("preStop"));
        }
    }

    /// <summary>Always for the tag latest, said or implied: what it names changes.</summary>
    public static string PullPolicy(string? image)
    {
        if (string.IsNullOrEmpty(image) || image.Contains('@'))
        {
            return image is null or "" ? "Always" : "IfNotPresent";
        }

        var tag = image.LastIndexOf(':');
        var isTagged = tag > image.LastIndexOf('/');
        return !isTagged || image.AsSpan(tag + 1) is "latest" ? "Always" : "IfNotPresent";
    }

    public static void FieldReference(JsonObject? reference) => reference?.Default("apiVersion", "v1");

    public static void Divisor(JsonObject? reference) => reference?.Default("divisor", "0");

    private static void Probe(JsonObject? probe)
    {
        if (probe is null)
        {
            return;
        }

        probe.DefaultZero("timeoutSeconds", 1);
        probe.DefaultZero("periodSeconds", 10);
        probe.DefaultZero("successThreshold", 1);
        probe.DefaultZero("failureThreshold", 3);
        if (probe.Object("grpc") is { } grpc && grpc["service"] is null)
        {
            grpc["service"] = "";
        }

        Handler(probe);
    }

    private static void Handler(JsonObject? handler)
    {
        if (handler?.Object("httpGet") is { } httpGet)
        {
            httpGet.Default("path", "/");
            httpGet.Default("scheme", "HTTP");
        }
    }
}
