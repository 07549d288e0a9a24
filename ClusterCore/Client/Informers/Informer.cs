using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Client.Informers;

public interface IInformer
{
    bool HasSynced { get; }

    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Lists, then watches, until cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>
/// A live copy of the objects of one kind: one list, then one watch, resumed where it broke; listed again only when the server
/// no longer knows that resource version (410). Handlers run in order on the informer's own task: they enqueue and return.
/// </summary>
public sealed partial class Informer<T>(
    ApiClient client, ResourceType<T> type, InformerOptions<T>? options = null, TimeProvider? clock = null, ILogger? logger = null)
    : IInformer where T : KubernetesObject
{
    private readonly InformerOptions<T> options = options ?? new();
    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly ILogger logger = logger ?? NullLogger.Instance;
    private readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock handlersGate = new();
    private Action<InformerChange<T>>[] handlers = [];
    private string? resourceVersion;

    public Indexer<T> Objects { get; } = new();

    public bool HasSynced => synced.Task.IsCompletedSuccessfully;

    public T? Find(NamespacedName key) => Objects.Find(key);

    public T? Find(string? ns, string name) => Objects.Find(new(ns, name));

    public T[] List() => Objects.List();

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => synced.Task.WaitAsync(cancellationToken);

    /// <summary>Calls <paramref name="handler"/> on every change from now on, first with an addition for each object already known.</summary>
    public void AddHandler(Action<InformerChange<T>> handler)
    {
        lock (handlersGate)
        {
            handlers = [.. handlers, handler];
            foreach (var known in Objects.List())
            {
                handler(new(null, known));
            }
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(options.RetryAfter, TimeSpan.FromSeconds(30));
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ListAsync(cancellationToken);
                backoff.Reset();
                await WatchUntilExpiredAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                LogFailed(logger, type.Plural, exception.Message);
                await Task.Delay(backoff.Next(), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var selection = new ListOptions { LabelSelector = options.LabelSelector, FieldSelector = options.FieldSelector };
        var list = (await client.ListAsync(type, options.Namespace, cancellationToken, selection)).OrThrow();
        var gone = Objects.List().Select(known => known.Key).ToHashSet();
        foreach (var item in list.Items)
        {
            gone.Remove(item.Key);
            Put(item);
        }
        foreach (var key in gone)
        {
            Remove(key);
        }
        resourceVersion = list.ResourceVersion;
        synced.TrySetResult();
    }

    private async Task WatchUntilExpiredAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(options.RetryAfter, TimeSpan.FromSeconds(30));
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await WatchAsync(backoff, cancellationToken))
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or ApiException)
            {
                LogFailed(logger, type.Plural, exception.Message);
            }
            await Task.Delay(backoff.Next(), clock, cancellationToken);
        }
    }

    /// <returns>Whether the resource version is too old to watch from.</returns>
    private async Task<bool> WatchAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        var watch = new WatchOptions
        {
            LabelSelector = options.LabelSelector,
            FieldSelector = options.FieldSelector,
            ResourceVersion = resourceVersion,
        };
        await foreach (var change in client.WatchAsync(type, options.Namespace, watch, cancellationToken))
        {
            if (change.Type == WatchEventType.Error)
            {
                return change.Status is { Code: 410 } ? true : throw new ApiException(change.Status ?? new ApiStatus());
            }
            backoff.Reset();
            Apply(change);
        }
        return false;
    }

    private void Apply(WatchEvent<T> change)
    {
        if (change.Object is not { } value)
        {
            return;
        }
        if (change.Type is WatchEventType.Added or WatchEventType.Modified)
        {
            Put(value);
        }
        else if (change.Type == WatchEventType.Deleted)
        {
            Remove(value.Key, value);
        }
        resourceVersion = value.Metadata.ResourceVersion;
    }

    private void Put(T value)
    {
        lock (handlersGate)
        {
            var old = Objects.Put(options.Transform is null ? value : options.Transform(value));
            if (old?.Metadata.ResourceVersion != value.Metadata.ResourceVersion || old is null)
            {
                Notify(new(old, value));
            }
        }
    }

    private void Remove(NamespacedName key, T? last = null)
    {
        lock (handlersGate)
        {
            if (Objects.Remove(key) is { } old)
            {
                Notify(new(last ?? old, null));
            }
        }
    }

    private void Notify(InformerChange<T> change)
    {
        foreach (var handler in handlers)
        {
            handler(change);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Following {Resource} was interrupted: {Reason}")]
    private static partial void LogFailed(ILogger logger, string resource, string reason);
}
