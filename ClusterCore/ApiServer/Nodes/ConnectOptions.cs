using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>What someone wants to be connected to, as admission sees it: a <c>PodExecOptions</c> and its like, read off the query.</summary>
internal static class ConnectOptions
{
    private static readonly string[] flags = ["stdin", "stdout", "stderr", "tty"];

    /// <summary>Null for logs, which are only read.</summary>
    public static JsonObject? Of(Scope scope)
    {
        if (scope.Request.Info.Subresource == "log" || scope.Resource.Subresource(scope.Request.Info.Subresource) is not { } subresource) { return null; }
        var (query, options) = (scope.Request.Http.Request.Query, new JsonObject { ["kind"] = subresource.Kind, ["apiVersion"] = scope.Resource.ApiVersion });
        foreach (var flag in flags)
        {
            if (scope.Request.Flag(flag)) { options[flag] = true; }
        }

        if (scope.Request.Query("container") is { Length: > 0 } container) { options["container"] = container; }
        if (query["command"] is { Count: > 0 } command) { options["command"] = new JsonArray([.. command.Select(word => (JsonNode?)word)]); }
        if (query["ports"] is { Count: > 0 } ports) { options["ports"] = new JsonArray([.. ports.Select(port => (JsonNode?)port)]); }
        if (scope.Request.Info.Subresource == "proxy") { options["path"] = $"/{scope.Request.Info.Tail}"; }
        return options;
    }
}
