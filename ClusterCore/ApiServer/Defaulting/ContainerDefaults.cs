using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static partial class ContainerDefaults
{
    /// <summary>No name, tag and digest together are as long; what is longer is not looked at.</summary>
    private const int LongestImage = 1024;

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

    /// <summary>Always for the tag latest, said or implied: what it names changes. What is no image's name has no tag.</summary>
    public static string PullPolicy(string? image) => image is { Length: <= LongestImage } && Image().Match(image) is { Success: true } match
        && !match.Groups["digest"].Success && match.Groups["tag"] is not { Success: true, Value: not "latest" } ? "Always" : "IfNotPresent";

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

    /// <summary>A registry's host, which has a dot, a port or a capital letter or is localhost, a path in small letters, and a tag or a digest.</summary>
    [GeneratedRegex(
        @"^(?!([0-9a-f]{64})$)((localhost|[a-zA-Z0-9-]+(?=[.:])[a-zA-Z0-9.-]*|[a-zA-Z0-9-]*[A-Z][a-zA-Z0-9.-]*|\[[0-9a-fA-F:]+\])(:[0-9]+)?/)?[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*(:(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@(?<digest>[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Image();
}
