using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>The kubelet's path for a stream of a pod: <c>/exec/NAMESPACE/POD/CONTAINER?command=ls&amp;output=1</c>.</summary>
internal static class PodStreams
{
    private static readonly (string Api, string Kubelet)[] flags = [("stdin", "input"), ("stdout", "output"), ("stderr", "error"), ("tty", "tty")];

    public static string PathOf(Scope scope, JsonObject pod)
    {
        var (query, kind) = (scope.Request.Http.Request.Query, scope.Request.Info.Subresource);
        var where = $"{ObjectMeta.Namespace(pod)}/{ObjectMeta.Name(pod)}";
        return kind switch
        {
            "log" => $"/containerLogs/{where}/{Container(scope, pod)}{Query(Logs(query))}",
            "exec" => $"/exec/{where}/{Container(scope, pod)}{Query([.. Flags(query), .. Commands(query)])}",
            "attach" => $"/attach/{where}/{Container(scope, pod)}{Query(Flags(query))}",
            _ => $"/portForward/{where}{Query(Ports(query))}",
        };
    }

    /// <summary>The container asked for, the one named by the usual annotation, or the only one.</summary>
    private static string Container(Scope scope, JsonObject pod)
    {
        string[] all = [.. Names(pod, "containers"), .. Names(pod, "initContainers"), .. Names(pod, "ephemeralContainers")];
        var wanted = scope.Request.Query("container");
        var name = ObjectMeta.Name(pod);
        if (wanted.Length == 0)
        {
            var annotated = ObjectMeta.Text(pod["metadata"]?["annotations"], "kubectl.kubernetes.io/default-container");
            var containers = Names(pod, "containers").ToArray();
            if (containers.Contains(annotated, StringComparer.Ordinal)) { return annotated; }
            if (containers.Length == 1) { return containers[0]; }
            var inits = Names(pod, "initContainers").ToArray();
            var choices = $"choose one of: [{string.Join(' ', containers)}]{(inits.Length > 0 ? $" or one of the init containers: [{string.Join(' ', inits)}]" : "")}";
            throw Refusal.BadRequest($"a container name must be specified for pod {name}, {choices}");
        }

        return all.Contains(wanted, StringComparer.Ordinal) ? wanted : throw Refusal.BadRequest($"container {wanted} is not valid for pod {name}");
    }

    private static IEnumerable<string> Names(JsonObject pod, string list) =>
        (pod["spec"]?[list] as JsonArray ?? []).Select(container => ObjectMeta.Text(container, "name"));

    private static IEnumerable<(string, string)> Logs(IQueryCollection query) =>
        ((string[])["follow", "previous", "sinceSeconds", "sinceTime", "tailLines", "limitBytes", "timestamps", "stream"])
            .Where(query.ContainsKey).Select(name => (name, query[name][0] ?? ""));

    private static IEnumerable<(string, string)> Flags(IQueryCollection query) =>
        flags.Where(flag => query[flag.Api] is ["true" or "1", ..]).Select(flag => (flag.Kubelet, "1"));

    private static IEnumerable<(string, string)> Commands(IQueryCollection query) => query["command"].Select(word => ("command", word ?? ""));

    private static IEnumerable<(string, string)> Ports(IQueryCollection query) =>
        query.ContainsKey("ports") ? [("port", string.Join(',', query["ports"].OfType<string>()))] : [];

    private static string Query(IEnumerable<(string Name, string Value)> parameters)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            text.Append(text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return text.ToString();
    }
}
