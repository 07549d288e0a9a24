using System.Text;
using System.Text.Json;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Health;

/// <summary><c>/healthz</c>, <c>/livez</c>, <c>/readyz</c> with their checks, and <c>/version</c>.</summary>
internal sealed class HealthHandler(Readiness readiness, WatchFeed feed)
{
    public const string KubernetesVersion = "v1.36.0";

    public Task VersionAsync(ApiRequest request)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, JsonWriting.Options))
        {
            writer.WriteStartObject();
            writer.WriteString("major"u8, "1"u8);
            writer.WriteString("minor"u8, "36"u8);
            writer.WriteString("gitVersion"u8, KubernetesVersion + "+flotilla");
            writer.WriteString("gitCommit"u8, ""u8);
            writer.WriteString("gitTreeState"u8, "clean"u8);
            writer.WriteString("buildDate"u8, "1970-01-01T00:00:00Z"u8);
            writer.WriteString("goVersion"u8, ".NET " + Environment.Version);
            writer.WriteString("compiler"u8, "roslyn"u8);
            writer.WriteString("platform"u8, "linux/amd64"u8);
            writer.WriteEndObject();
        }

        return Answer.JsonAsync(request.Http, buffer.WrittenMemory);
    }

    public Task CheckAsync(ApiRequest request, string[] path)
    {
        var excluded = request.Http.Request.Query["exclude"].OfType<string>().ToHashSet(StringComparer.Ordinal);
        var checks = Checks(path[0]).Where(check => !excluded.Contains(check.Name)).ToArray();
        if (path.Length > 1)
        {
            var one = Array.Find(checks, check => check.Name == path[1]);
            if (one.Name is null) { throw Refusal.PathNotFound(); }
            return Answer.TextAsync(request.Http, one.Ok ? "ok" : "internal server error: not ready", one.Ok ? 200 : 500);
        }

        var ok = Array.TrueForAll(checks, check => check.Ok);
        return ok && !request.Flag("verbose")
            ? Answer.TextAsync(request.Http, "ok")
            : Answer.TextAsync(request.Http, Verbose(path[0], checks, ok), ok ? 200 : 500);
    }

    public Task MetricsAsync(ApiRequest request) => Answer.TextAsync(request.Http, $"""
        # TYPE apiserver_storage_objects gauge
        {string.Join('\n', feed.Counts().Select(count => $"apiserver_storage_objects{{resource=\"{count.Resource}\"}} {count.Count}"))}
        # TYPE process_resident_memory_bytes gauge
        process_resident_memory_bytes {Environment.WorkingSet}

        """);

    private (string Name, bool Ok)[] Checks(string endpoint)
    {
        (string, bool)[] common = [("ping", true), ("log", true), ("etcd", feed.IsFollowing)];
        return endpoint == "livez"
            ? common
            : [.. common, ("informer-sync", feed.IsFollowing), ("poststarthook/rbac/bootstrap-roles", readiness.IsReady), ("shutdown", !feed.Stopping.IsCancellationRequested)];
    }

    private static string Verbose(string endpoint, (string Name, bool Ok)[] checks, bool ok)
    {
        var text = new StringBuilder();
        foreach (var (name, good) in checks) { text.AppendLine(good ? $"[+]{name} ok" : $"[-]{name} failed: reason withheld"); }
        return text.Append($"{endpoint} check {(ok ? "passed" : "failed")}\n").ToString();
    }
}

/// <summary>Set once everything a cluster starts with is there.</summary>
internal sealed class Readiness
{
    private volatile bool isReady;

    public bool IsReady => isReady;

    public void Set() => isReady = true;
}
