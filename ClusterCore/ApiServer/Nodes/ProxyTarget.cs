using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>
/// What a <c>…/proxy</c> path names: <c>web</c>, <c>web:8080</c> or <c>https:web:8443</c>, and the path there:
/// <c>/api/v1/namespaces/default/services/web/proxy/a/</c> is <c>/a/</c> behind <c>/api/v1/namespaces/default/services/web/proxy</c>.
/// </summary>
/// <param name="Path">Empty, or with a slash in front.</param>
internal sealed record ProxyTarget(string Scheme, string Name, string Port, string Prefix, string Path)
{
    private const int NodeSegments = 5;
    private const int NamespacedSegments = 7;

    public static ProxyTarget Of(Scope scope)
    {
        var (scheme, name, port) = Parse(scope.Request.Info.Name);
        var path = scope.Request.Info.Path;
        var end = EndOf(path, scope.Resource.Namespaced ? NamespacedSegments : NodeSegments);
        return new(scheme, name, port, path[..end], path[end..]);
    }

    private static (string Scheme, string Name, string Port) Parse(string name) => name.Split(':') switch
    {
        [var scheme, var host, var port] => (scheme.Length == 0 ? "http" : scheme, host, port),
        [var host, var port] => ("http", host, port),
        _ => ("http", name, ""),
    };

    private static int EndOf(string path, int segments)
    {
        var at = 0;
        for (var i = 0; i < segments; i++)
        {
            while (path[at] == '/') { at++; }
            at = path.IndexOf('/', at) is >= 0 and var slash ? slash : path.Length;
        }

        return at;
    }
}
