using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Pipeline;

/// <summary>
/// What a request asks for, read off its path, query and method as Kubernetes does:
/// <c>/apis/apps/v1/namespaces/web/deployments/nginx/scale</c> with GET is (get, apps, v1, web, deployments, nginx, scale).
/// </summary>
internal sealed record RequestInfo(bool IsResourceRequest, string Path, string Verb)
{
    private static readonly HashSet<string> namespaceSubresources = new(StringComparer.Ordinal) { "status", "finalize" };

    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>What follows the subresource: the path behind <c>…/proxy/</c>.</summary>
    public string Tail { get; init; } = "";

    /// <summary>Of reads of many, and deletions of many.</summary>
    public string FieldSelector { get; init; } = "";

    public static RequestInfo Parse(HttpRequest request)
    {
        var path = request.Path.Value ?? "/";
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isCore = parts.Length > 0 && parts[0] == "api";
        var start = isCore ? 2 : 3;
        var isApi = isCore || (parts.Length > 0 && parts[0] == "apis");
        if (!isApi || parts.Length <= start)
        {
            return new(false, path, NonResourceVerb(request.Method));
        }

        // The older way to watch: /api/v1/watch/namespaces/web/pods.
        var isWatchPath = parts[start] == "watch" && parts.Length > start + 1 && HttpMethods.IsGet(request.Method);
        var info = Resolve(parts.AsSpan(isWatchPath ? start + 1 : start)) with { Path = path, Group = isCore ? "" : parts[1], Version = parts[start - 1] };
        // The verb first: a collection stays one, whatever name its selector gives.
        info = info with { Verb = isWatchPath ? "watch" : VerbOf(request, info) };
        if (isWatchPath && info.Name.Length > 0) { return info with { FieldSelector = $"metadata.name={info.Name}" }; }
        if (info.Name.Length > 0) { return info; }
        return info with { Name = NameFromSelector(request), FieldSelector = request.Query["fieldSelector"].ToString() };
    }

    private static RequestInfo Resolve(ReadOnlySpan<string> parts)
    {
        var info = new RequestInfo(true, "", "");
        if (parts[0] == "namespaces" && parts.Length > 1)
        {
            info = info with { Namespace = parts[1] };
            var isNamespaceItself = parts.Length == 2 || (parts.Length == 3 && namespaceSubresources.Contains(parts[2]));
            if (!isNamespaceItself) { parts = parts[2..]; }
        }

        return info with
        {
            Resource = parts[0],
            Name = parts.Length > 1 ? parts[1] : "",
            Subresource = parts.Length > 2 ? parts[2] : "",
            Tail = parts.Length > 3 ? string.Join('/', parts[3..]!) : "",
        };
    }

    private static string VerbOf(HttpRequest request, RequestInfo info) => request.Method switch
    {
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => info.Name.Length > 0 ? "delete" : "deletecollection",
        "GET" or "HEAD" when info.Name.Length > 0 => "get",
        "GET" or "HEAD" => IsTrue(request.Query["watch"]) ? "watch" : "list",
        _ => "",
    };

    /// <summary>A list or watch of one object by <c>fieldSelector=metadata.name=x</c> is authorized as that object.</summary>
    private static string NameFromSelector(HttpRequest request)
    {
        if (request.Method is not ("GET" or "HEAD") || request.Query["fieldSelector"] is not [{ } selector]) { return ""; }
        const string prefix = "metadata.name=";
        return selector.StartsWith(prefix, StringComparison.Ordinal) && !selector.Contains(',', StringComparison.Ordinal)
            ? selector[prefix.Length..].TrimStart('=')
            : "";
    }

    private static bool IsTrue(string? value) => value is not null && value is not ("0" or "false" or "False" or "FALSE" or "f" or "F");

    private static string NonResourceVerb(string method) => method.ToLowerInvariant();
}
