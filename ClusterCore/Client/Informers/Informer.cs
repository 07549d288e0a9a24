using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Client.Informers;

public interface IInformer
{
    bool HasSynced { get; }

    /// <summary>False where the server has no such resource, being older, say: then there are no objects of it.</summary>
    bool IsServed { get; }

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
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(30);

    private readonly InformerOptions<T> options = options ?? new();
    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly ILogger logger = logger ?? NullLogger.Instance;
    private readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock handlersGate = new();
    private Action<InformerChange<T>>[] handlers = [];
    private string? resourceVersion;
    private long? refusedSince;

    public Indexer<T> Objects { get; } = new();

    public bool HasSynced => synced.Task.IsCompletedSuccessfully;

    public bool IsServed { get; private set; } = true;

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
                if (await ListAsync(cancellationToken))
                {
                    backoff.Reset();
                    await WatchUntilExpiredAsync(cancellationToken);
                }
                else
                {
                    await Task.Delay(AskAgainAfter, clock, cancellationToken);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                LogFailed(logger, type.Plural, exception.Message);
                await Task.Delay(backoff.Next(), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>Whether the server serves it. What was known before it stopped is kept: a server that starts again may say so for a moment.</returns>
    private async Task<bool> ListAsync(CancellationToken cancellationToken)
    {
        var selection = new ListOptions { LabelSelector = options.LabelSelector, FieldSelector = options.FieldSelector };
        var answer = await client.ListAsync(type, options.Namespace, cancellationToken, selection);
        if (answer.IsNotFound)
        {
            NoteAbsence();
            return false;
        }
        if (answer.Failure is { Code: 403 } refusal)
        {
            NoteRefusal(refusal);
        }
        Take(answer.OrThrow());
        IsServed = true;
        refusedSince = null;
        synced.TrySetResult();
        return true;
    }

    private void NoteAbsence()
    {
        if (IsServed)
        {
            LogNotServed(logger, type.Plural, type.ApiVersion);
        }
        IsServed = false;
        synced.TrySetResult();
    }

    private void NoteRefusal(ApiStatus refusal)
    {
        refusedSince ??= clock.GetTimestamp();
        if (!HasSynced && clock.GetElapsedTime(refusedSince.Value) >= options.DoWithoutAfter)
        {
            LogDoneWithout(logger, type.Plural, refusal.Message);
            synced.TrySetResult();
        }
    }

    private void Take(ObjectList<T> list)
    {
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} are done without until the server allows to read them: {Reason}")]
    private static partial void LogDoneWithout(ILogger logger, string resource, string? reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The server does not serve {Resource} of {ApiVersion}")]
    private static partial void LogNotServed(ILogger logger, string resource, string apiVersion);
}
