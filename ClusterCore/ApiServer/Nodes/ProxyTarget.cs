using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>The name in <c>…/proxy</c> paths: <c>web</c>, <c>web:8080</c> or <c>https:web:8443</c>.</summary>
internal static class ProxyTarget
{
    public static (string Scheme, string Name, string Port) Parse(string name) => name.Split(':') switch
    {
        [var scheme, var host, var port] => (scheme.Length == 0 ? "http" : scheme, host, port),
        [var host, var port] => ("http", host, port),
        _ => ("http", name, ""),
    };

    public static string PathOf(Scope scope) => $"/{scope.Request.Info.Tail}{scope.Request.Http.Request.QueryString}";
}
