namespace Flotilla.NodeAgent.Kubelet.Server.Access;

/// <summary>
/// What a request to the kubelet is to the cluster's authorizers: a verb on a subresource of its node. Where the first
/// subresource is narrow, the right to the wide <c>nodes/proxy</c> does as well.
/// </summary>
internal sealed record RequestAttributes(string Verb, IReadOnlyList<string> Subresources)
{
    private static readonly (string Path, string Subresource, bool OrProxy)[] Paths =
    [
        ("/stats", "stats", false),
        ("/metrics", "metrics", false),
        ("/logs", "log", false),
        ("/checkpoint", "checkpoint", false),
        ("/pods", "pods", true),
        ("/runningpods", "pods", true),
        ("/healthz", "healthz", true),
        ("/configz", "configz", true),
        ("/statusz", "statusz", false),
        ("/flagz", "configz", false),
    ];

    public static RequestAttributes Of(string method, string path)
    {
        var verb = method switch
        {
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => "delete",
            _ => "get",
        };
        var found = Array.Find(Paths, entry => path == entry.Path || path.StartsWith(entry.Path + "/", StringComparison.Ordinal));
        return new(verb, found switch
        {
            (null, _, _) => ["proxy"],
            (_, var subresource, true) => [subresource, "proxy"],
            (_, var subresource, false) => [subresource],
        });
    }
}
