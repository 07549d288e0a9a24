namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>
/// What a page behind <c>…/proxy</c> calls <c>/style.css</c> is <c>/api/v1/namespaces/default/services/web/proxy/style.css</c> for a
/// browser: links to the page's own server get the path in front that leads back through the proxy.
/// </summary>
/// <param name="Prefix">The path up to <c>proxy</c>, without a slash at its end.</param>
/// <param name="Hosts">The names under which the page may know its own server: the one dialled, and the one the client asked for.</param>
internal sealed record ProxyLinks(string Prefix, params string[] Hosts)
{
    /// <summary>A link elsewhere, and one that is relative to its page, stay as they are.</summary>
    public string Rewrite(string link)
    {
        if (PathOf(link) is not { } path) { return link; }
        return path.StartsWith(Prefix, StringComparison.Ordinal) ? path : Prefix + path;
    }

    private string? PathOf(string link)
    {
        var start = link.IndexOf("//", StringComparison.Ordinal);
        if (link.StartsWith('/') && start != 0) { return link; }
        if (start < 0 || link[..start].ToUpperInvariant() is not ("" or "HTTP:" or "HTTPS:")) { return null; }
        var host = link[(start + 2)..];
        var slash = host.IndexOf('/', StringComparison.Ordinal);
        return slash >= 0 && Hosts.Contains(host[..slash], StringComparer.OrdinalIgnoreCase) ? host[slash..] : null;
    }
}
