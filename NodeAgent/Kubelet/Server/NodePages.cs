using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Resources;
using Flotilla.NodeAgent.Kubelet.Eviction;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Flotilla.NodeAgent.Kubelet.Server;

/// <summary>
/// Answers <c>/statusz</c> and <c>/flagz</c>: text for people, or objects of <c>config.k8s.io/v1beta1</c> for whoever asks for
/// <c>application/json;as=Statusz;g=config.k8s.io;v=v1beta1</c>.
/// </summary>
internal sealed class NodePages(KubeletOptions options, TimeProvider clock)
{
    private const string Group = "config.k8s.io";
    private const string Version = "v1beta1";

    private static readonly string[] Paths = ["/checkpoint", "/configz", "/flagz", "/healthz", "/logs", "/metrics", "/pods", "/runningpods", "/stats", "/statusz"];

    private readonly DateTimeOffset startedAt = StartOfProcess();

    public Task StatusAsync(HttpContext context)
    {
        var up = clock.GetUtcNow() - startedAt;
        var runtime = $".NET {Environment.Version}";
        return WriteAsync(
            context,
            "Statusz",
            $"""

            Started: {startedAt.UtcDateTime.ToString("ddd MMM d HH:mm:ss", CultureInfo.InvariantCulture)} UTC {startedAt.Year}
            Up: {(int)up.TotalHours} hr {up.Minutes:00} min {up.Seconds:00} sec
            Go version: {runtime}
            Binary version: {BinaryVersion}
            Paths: {string.Join(' ', Paths)}

            """,
            () => new()
            {
                ["startTime"] = TimeConverter.ToText(startedAt),
                ["uptimeSeconds"] = (long)up.TotalSeconds,
                ["goVersion"] = runtime,
                ["binaryVersion"] = BinaryVersion,
                ["paths"] = new JsonArray([.. Paths.Select(path => (JsonNode)path)]),
            });
    }

    public Task FlagsAsync(HttpContext context) => WriteAsync(
        context,
        "Flagz",
        string.Concat(Flags().Select(flag => $"{flag.Name}={flag.Value}\n")),
        () => new() { ["flags"] = new JsonObject(Flags().Select(flag => KeyValuePair.Create(flag.Name, (JsonNode?)flag.Value))) });

    private string BinaryVersion => options.KubeletVersion.TrimStart('v');

    private static Task WriteAsync(HttpContext context, string kind, string text, Func<JsonObject> fields)
    {
        var accepted = new RequestHeaders(context.Request.Headers).Accept.OrderByDescending(media => media.Quality ?? 1).ToList();
        foreach (var media in accepted)
        {
            if (media.MediaType == "application/json" && Parameter(media, "as") == kind && Parameter(media, "g") == Group && Parameter(media, "v") == Version)
            {
                var answer = new JsonObject { ["kind"] = kind, ["apiVersion"] = $"{Group}/{Version}", ["metadata"] = new JsonObject { ["name"] = "kubelet" } };
                foreach (var (name, value) in fields().ToList()) { answer[name] = value?.DeepClone(); }
                context.Response.ContentType = "application/json";
                return context.Response.WriteAsync(answer.ToJsonString());
            }

            if (media.MediaType.Value is "*/*" or "text/*" or "text/plain") { return TextAsync(context, kind, text); }
        }

        if (accepted.Count == 0) { return TextAsync(context, kind, text); }
        context.Response.StatusCode = StatusCodes.Status406NotAcceptable;
        return context.Response.WriteAsync($"media type not acceptable, must be one of: text/plain, application/json;as={kind};g={Group};v={Version}\n");
    }

    private static Task TextAsync(HttpContext context, string kind, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(
            $"\nkubelet {kind.ToLowerInvariant()}\nWarning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.\n{text}");
    }

    private static string? Parameter(MediaTypeHeaderValue media, string name) =>
        media.Parameters.FirstOrDefault(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value.Value;

    /// <summary>By the kubelet's names, in their order; what a flag was not given for stands with its default.</summary>
    private IEnumerable<(string Name, string Value)> Flags() =>
    [
        ("address", $"{options.NodeIp}"),
        ("anonymous-auth", "false"),
        ("authentication-token-webhook", "true"),
        ("authorization-mode", "Webhook"),
        ("cgroup-driver", "cgroupfs"),
        ("cgroup-root", options.CgroupRoot),
        ("cluster-dns", $"[{options.ClusterDns}]"),
        ("cluster-domain", options.ClusterDomain),
        ("container-log-max-files", $"{options.LogMaxFiles}"),
        ("container-log-max-size", $"{options.LogMaxSize}"),
        ("eviction-hard", Thresholds(threshold => threshold.Grace == TimeSpan.Zero)),
        ("eviction-max-pod-grace-period", $"{(int)options.EvictionMaxPodGrace.TotalSeconds}"),
        ("eviction-pressure-transition-period", Text(options.EvictionPressureTransition)),
        ("eviction-soft", Thresholds(threshold => threshold.Grace > TimeSpan.Zero)),
        ("image-gc-high-threshold", $"{options.ImageGcHighPercent}"),
        ("image-gc-low-threshold", $"{options.ImageGcLowPercent}"),
        ("max-pods", $"{options.MaxPods}"),
        ("minimum-image-ttl-duration", Text(options.ImageMinAge)),
        ("node-ip", $"{options.NodeIp}"),
        ("node-labels", string.Join(',', options.NodeLabels.Select(label => $"{label.Key}={label.Value}"))),
        ("pod-logs-dir", options.LogDirectory),
        ("pod-max-pids", options.PodMaxPids > 0 ? $"{options.PodMaxPids}" : "-1"),
        ("port", $"{options.Port}"),
        ("resolv-conf", options.ResolvConf),
        ("root-dir", options.RootDirectory),
        ("rotate-server-certificates", options.RotateServerCertificates ? "true" : "false"),
        ("tls-cert-file", options.TlsCertFile ?? ""),
        ("tls-private-key-file", options.TlsKeyFile ?? ""),
    ];

    private string Thresholds(Func<EvictionThreshold, bool> which) => string.Join(
        ',',
        options.EvictionThresholds.Where(which).Select(threshold =>
            $"{threshold.Signal}<{(threshold.Amount is { } amount ? $"{amount}" : string.Create(CultureInfo.InvariantCulture, $"{threshold.Share * 100}%"))}"));

    private static string Text(TimeSpan time) => GoDuration.Format((long)time.TotalNanoseconds);

    private static DateTimeOffset StartOfProcess()
    {
        using var self = Process.GetCurrentProcess();
        return new(self.StartTime);
    }
}
