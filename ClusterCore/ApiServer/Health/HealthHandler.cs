using System.Text;
using System.Text.Json;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Health;

/// <summary><c>/healthz</c>, <c>/livez</c>, <c>/readyz</c> with their checks, and <c>/version</c>.</summary>
internal sealed class HealthHandler(HealthChecks checks)
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
            writer.WriteString("emulationMajor"u8, "1"u8);
            writer.WriteString("emulationMinor"u8, "36"u8);
            writer.WriteString("minCompatibilityMajor"u8, "1"u8);
            writer.WriteString("minCompatibilityMinor"u8, "35"u8);
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

    /// <summary>All checks of an endpoint, or the one the path names: <c>/readyz/etcd</c>.</summary>
    public async Task CheckAsync(ApiRequest request, string[] path)
    {
        request.Http.Response.Headers.XContentTypeOptions = "nosniff";
        var named = string.Join('/', path[1..]);
        var all = checks.Of(path[0]);
        if (named.Length == 0)
        {
            await AllAsync(request, path[0], all);
            return;
        }

        var one = all.FirstOrDefault(check => check.Name == named) ?? throw Refusal.PathNotFound();
        var problem = await one.Problem(request.Aborted);
        await Answer.TextAsync(request.Http, problem is null ? "ok" : $"internal server error: {problem}\n", problem is null ? 200 : 500);
    }

    private static async Task AllAsync(ApiRequest request, string endpoint, IReadOnlyList<HealthCheck> all)
    {
        var excluded = request.Http.Request.Query["exclude"].OfType<string>().ToHashSet(StringComparer.Ordinal);
        var (text, ok) = (new StringBuilder(), true);
        foreach (var check in all)
        {
            var isExcluded = excluded.Remove(check.Name);
            var isWell = isExcluded || await check.Problem(request.Aborted) is null;
            ok &= isWell;
            // Why is for those who ask for the check itself: this text is for everybody.
            text.Append(isExcluded ? $"[+]{check.Name} excluded: ok\n" : isWell ? $"[+]{check.Name} ok\n" : $"[-]{check.Name} failed: reason withheld\n");
        }

        if (excluded.Count > 0)
        {
            text.Append($"warn: some health checks cannot be excluded: no matches for {string.Join(",", excluded.Select(name => $"\"{name}\""))}\n");
        }

        text.Append($"{endpoint} check {(ok ? "passed" : "failed")}\n");
        await Answer.TextAsync(request.Http, ok && !request.Flag("verbose") ? "ok" : text.ToString(), ok ? 200 : 500);
    }
}

/// <summary>Set once everything a cluster starts with is there.</summary>
internal sealed class Readiness
{
    private volatile bool isReady;

    public bool IsReady => isReady;

    public void Set() => isReady = true;
}
