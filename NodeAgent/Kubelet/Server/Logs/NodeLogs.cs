using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.NodeAgent.Kubelet.Server.Logs;

/// <summary>
/// Answers <c>/logs/…</c>: the files and folders of the node's logs, <c>/var/log</c> where nothing else was said. A node on a shared
/// machine has one of its own.
/// </summary>
internal sealed class NodeLogs(KubeletOptions options)
{
    private readonly string root = options.NodeLogDirectory;

    public Task WriteAsync(HttpContext context)
    {
        var wanted = Path.GetFullPath(Path.Combine(root, ((string?)context.GetRouteValue("path") ?? "").TrimStart('/')));
        if (wanted != root && !wanted.StartsWith(root + "/", StringComparison.Ordinal))
        {
            return NotFoundAsync(context);
        }

        return Directory.Exists(wanted) ? ListAsync(context, wanted) : IsOwn(wanted) ? SendAsync(context, wanted) : NotFoundAsync(context);
    }

    /// <summary>What a link leads to may be anything.</summary>
    private static bool IsOwn(string file) => new FileInfo(file) is { Exists: true, LinkTarget: null };

    private static async Task SendAsync(HttpContext context, string file)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.SendFileAsync(file, context.RequestAborted);
    }

    private static Task ListAsync(HttpContext context, string folder)
    {
        var page = new StringBuilder("<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n");
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var name = entry is DirectoryInfo ? entry.Name + "/" : entry.Name;
            page.Append($"<a href=\"{Uri.EscapeDataString(entry.Name)}{(entry is DirectoryInfo ? "/" : "")}\">{WebUtility.HtmlEncode(name)}</a>\n");
        }

        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(page.Append("</pre>\n").ToString());
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync("404 page not found\n");
    }
}
