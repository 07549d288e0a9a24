using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flotilla.Portal.Cli.Tests;

/// <summary>A portal on loopback that answers as it was told and remembers what it was asked.</summary>
internal sealed class ScriptedPortal : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, (int Status, string MediaType, string Body)> answers = new();

    private ScriptedPortal(WebApplication app) => this.app = app;

    public string Url => app.Urls.Single();

    /// <summary>Method, path and query, body.</summary>
    public ConcurrentQueue<(string Request, string Body, string? Authorization)> Requests { get; } = new();

    public static async Task<ScriptedPortal> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var portal = new ScriptedPortal(builder.Build());
        portal.app.Run(portal.AnswerAsync);
        await portal.app.StartAsync();
        return portal;
    }

    public ScriptedPortal Answer(string request, string body, int status = 200, string mediaType = "application/json")
    {
        answers[request] = (status, mediaType, body);
        return this;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var request = $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}";
        Requests.Enqueue((request, await reader.ReadToEndAsync(), http.Request.Headers.Authorization));
        var (status, mediaType, body) = answers.GetValueOrDefault(request, (500, "text/plain", $"no answer to {request}"));
        http.Response.StatusCode = status;
        http.Response.ContentType = mediaType;
        await http.Response.WriteAsync(body);
    }
}
