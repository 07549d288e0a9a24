using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Gateway;

/// <summary>
/// One address for all clusters: passes TLS connections through, unopened, to the cluster whose name the client asks for.
/// </summary>
public sealed partial class GatewayListener(
    GatewayOptions options, IClusterRoutes routes, TimeProvider clock, ILogger<GatewayListener> logger) : BackgroundService
{
    private readonly SemaphoreSlim slots = new(options.MaxConnections);
    private readonly Socket listener = new(options.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);

    /// <exception cref="InvalidOperationException">The address cannot be listened on; the message says why and what to do.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            listener.Bind(options.Listen);
            listener.Listen(backlog: 512);
        }
        catch (SocketException exception)
        {
            throw new InvalidOperationException(
                $"The gateway cannot listen on {options.Listen}: {exception.Message}. Choose another port with --gateway-port.", exception);
        }

        LogListening(options.Listen.ToString());
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        listener.Dispose();
        slots.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await slots.WaitAsync(stoppingToken);
            var client = await listener.AcceptAsync(stoppingToken);
            _ = ServeAsync(client, stoppingToken);
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken cancellationToken)
    {
        try
        {
            using (client)
            {
                client.NoDelay = true;
                await new GatewayConnection(client, options, routes, clock).RunAsync(cancellationToken);
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            LogBroken(exception.Message); // a peer that went away: nothing to do but to let go
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
        finally
        {
            slots.Release();
        }
    }

    [LoggerMessage(LogLevel.Information, "The gateway listens on {Address}")]
    private partial void LogListening(string address);

    [LoggerMessage(LogLevel.Debug, "A gateway connection broke: {Reason}")]
    private partial void LogBroken(string reason);

    [LoggerMessage(LogLevel.Error, "A gateway connection failed")]
    private partial void LogFailed(Exception exception);
}
