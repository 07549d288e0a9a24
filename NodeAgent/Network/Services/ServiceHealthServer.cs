using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>
/// Tells load balancers whether this node has endpoints of a Service that wants local ones only, on the Service's
/// healthCheckNodePort: 200 when it has, 503 when not.
/// </summary>
internal sealed partial class ServiceHealthServer(ILogger logger) : IDisposable
{
    private readonly HttpListener listener = new();
    private volatile Dictionary<int, ServiceHealth> served = [];

    public void Update(IEnumerable<ServiceHealth> wanted)
    {
        var next = new Dictionary<int, ServiceHealth>();
        foreach (var health in wanted) { next.TryAdd(health.Port, health); }
        foreach (var port in served.Keys.Except(next.Keys)) { listener.Prefixes.Remove(Prefix(port)); }
        foreach (var port in next.Keys.Except(served.Keys).ToList())
        {
            if (!TryListen(port)) { next.Remove(port); }
        }
        served = next;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        listener.Start();
        while (!cancellationToken.IsCancellationRequested)
        {
            var context = await listener.GetContextAsync().WaitAsync(cancellationToken);
            try
            {
                await AnswerAsync(context, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or HttpListenerException)
            {
                LogUnanswered(logger, exception.Message); // the asker has gone
            }
        }
    }

    public void Dispose() => ((IDisposable)listener).Dispose();

    private async Task AnswerAsync(HttpListenerContext context, CancellationToken cancellationToken)
    {
        using var response = context.Response;
        if (!served.TryGetValue(context.Request.LocalEndPoint.Port, out var health))
        {
            response.StatusCode = (int)HttpStatusCode.NotFound;
            return;
        }
        var body = new JsonObject
        {
            ["service"] = new JsonObject { ["namespace"] = health.Namespace, ["name"] = health.Name },
            ["localEndpoints"] = health.LocalEndpoints,
            ["serviceProxyHealthy"] = true,
        };
        response.StatusCode = (int)(health.LocalEndpoints > 0 ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
        response.ContentType = "application/json";
        response.Headers["X-Content-Type-Options"] = "nosniff";
        response.Headers["X-Load-Balancing-Endpoint-Weight"] = $"{health.LocalEndpoints}";
        await response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()), cancellationToken);
    }

    private bool TryListen(int port)
    {
        try
        {
            listener.Prefixes.Add(Prefix(port));
            return true;
        }
        catch (HttpListenerException exception)
        {
            LogNotServed(logger, port, exception.Message);
            return false;
        }
    }

    private static string Prefix(int port) => $"http://*:{port}/";

    [LoggerMessage(Level = LogLevel.Warning, Message = "The health check port {Port} of a service cannot be served: {Reason}")]
    private static partial void LogNotServed(ILogger logger, int port, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A health check was not answered: {Reason}")]
    private static partial void LogUnanswered(ILogger logger, string reason);
}
