using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Storage;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.ApiServer.Bootstrap;

/// <summary>
/// Where several API servers share a store, the <c>kubernetes</c> Service leads to each that is there. A server says so by a key of its
/// address that dies with it: <c>/flotilla/servers/100.64.0.3</c>. All look who is there, and whoever first sees a change writes it.
/// </summary>
internal sealed partial class ServerEndpoints(ApiServerOptions options, IStore store, ObjectStore objects, WatchFeed feed, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private const string Prefix = "/flotilla/servers/";
    private static readonly TimeSpan life = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;
    private long lease;
    private int port;

    public void Start(int servingPort)
    {
        port = servingPort;
        running = RunAsync(stopping.Token);
    }

    /// <summary>Who goes in order is not called any more from that moment on.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        if (lease == 0) { return; }
        try
        {
            await store.RevokeLeaseAsync(lease, CancellationToken.None);
            await WriteAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or StatusException)
        {
            LogFailed(logger, exception.Message);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await SayAsync(cancellationToken);
                await WriteAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or StatusException)
            {
                LogFailed(logger, exception.Message);
            }

            await Task.Delay(interval, clock, cancellationToken);
        }
    }

    private async Task SayAsync(CancellationToken cancellationToken)
    {
        if (lease != 0 && (await store.KeepLeaseAliveAsync(lease, cancellationToken)).Outcome == LeaseOutcome.Done) { return; }
        var granted = await objects.GrantLeaseAsync(life, cancellationToken);
        var put = new StoreOperation.Put(Encoding.UTF8.GetBytes(Prefix + options.Advertised), Array.Empty<byte>(), granted);
        await store.TxnAsync(new([], [put], []), cancellationToken);
        lease = granted;
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var present = await store.RangeAsync(new(KeyRange.Prefix(Encoding.UTF8.GetBytes(Prefix)), KeysOnly: true), cancellationToken);
        IPAddress[] addresses = [.. present.KeyValues.Select(pair => IPAddress.Parse(Encoding.UTF8.GetString(pair.Key.Span[Prefix.Length..])))];
        // The last one to go leaves its address: a Service without any would be no help to those who wait for its return.
        if (addresses.Length == 0) { return; }
        foreach (var wanted in KubernetesService.EndpointObjects(options, port, addresses))
        {
            await WriteAsync(wanted, cancellationToken);
        }
    }

    /// <summary>Nothing is written when another server was faster: the next look sees what it wrote.</summary>
    private async Task WriteAsync(JsonObject wanted, CancellationToken cancellationToken)
    {
        var key = ClusterBootstrap.KeyOf(wanted);
        if (feed.Of(key.Resource).Find(key.Namespace, key.Name) is not { } found) { return; }
        var (now, changed) = (found.Parse(), false);
        foreach (var field in (string[])["subsets", "endpoints", "ports"])
        {
            if (wanted[field] is not { } value || JsonNode.DeepEquals(now[field], value)) { continue; }
            (now[field], changed) = (value.DeepClone(), true);
        }

        if (changed) { _ = await objects.ReplaceAsync(key, now, found.Revision, 0, cancellationToken); }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kubernetes Service's endpoints cannot be kept: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
