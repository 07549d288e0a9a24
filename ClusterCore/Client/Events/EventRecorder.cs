using System.Text.Json.Nodes;
using System.Threading.Channels;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Client.Events;

public static class EventType
{
    public const string Normal = "Normal";
    public const string Warning = "Warning";
}

/// <summary>
/// Tells users what happened to an object. Recording never waits: events go out one after the other in the background, so that
/// a burst of them leaves the server to what they are about. The same event again only raises a count, one that the server cannot
/// take now is tried again; when too many wait the newest are dropped, and the log says how many.
/// </summary>
public sealed partial class EventRecorder(ApiClient client, string component, TimeProvider clock, ILogger logger, string? host = null)
{
    // One for each pod of a large rollout, and then some.
    private const int MostWaiting = 20_000;

    /// <summary>client-go's number of tries.</summary>
    private const int MostTries = 12;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(10);
    private readonly EventCorrelator correlator = new(clock);
    private readonly Channel<Event> outbox = Channel.CreateBounded<Event>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private int dropped;

    public void Record(KubernetesObject about, string type, string reason, string message, string? fieldPath = null) =>
        Record(
            new ObjectReference
            {
                ApiVersion = about.ApiVersion,
                Kind = about.Kind,
                Namespace = about.Metadata.Namespace,
                Name = about.Metadata.Name,
                Uid = about.Metadata.Uid,
                ResourceVersion = about.Metadata.ResourceVersion,
                FieldPath = fieldPath,
            },
            type,
            reason,
            message);

    /// <param name="source">Who tells; the recorder's component when null.</param>
    public void Record(ObjectReference about, string type, string reason, string message, string? source = null)
    {
        ArgumentNullException.ThrowIfNull(about);
        var now = clock.GetUtcNow();
        var ns = about.Namespace ?? "default";
        var isTaken = outbox.Writer.TryWrite(new Event
        {
            Metadata = new() { Namespace = ns, Name = $"{about.Name}.{Guid.NewGuid().ToString("N")[..16]}" },
            InvolvedObject = about,
            Type = type,
            Reason = reason,
            Message = message,
            Source = new() { Component = source ?? component, Host = host },
            ReportingComponent = source ?? component,
            ReportingInstance = host ?? "",
            FirstTimestamp = now,
            LastTimestamp = now,
            Count = 1,
        });
        if (!isTaken) { Interlocked.Increment(ref dropped); }
    }

    /// <summary>Sends what is recorded, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var happened in outbox.Reader.ReadAllAsync(cancellationToken))
        {
            if (correlator.Correlate(happened) is { } wanted)
            {
                await SendAsync(wanted, cancellationToken);
            }
            if (Interlocked.Exchange(ref dropped, 0) is > 0 and var count)
            {
                LogDropped(logger, count);
            }
        }
    }

    private async Task SendAsync(Event wanted, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstRetry, LongestRetry);
        for (var attempt = 1; await TrySendAsync(wanted, cancellationToken) is var (failure, isTransient); attempt++)
        {
            if (!isTransient || attempt == MostTries)
            {
                // The namespace is being deleted, say: trying again would not help.
                LogLost(logger, wanted.Reason ?? "", failure);
                return;
            }
            await Task.Delay(backoff.Next(), clock, cancellationToken);
        }
    }

    /// <returns>Why it was not taken, and whether it may be later; null when it was.</returns>
    private async Task<(string Failure, bool IsTransient)?> TrySendAsync(Event wanted, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteAsync(wanted, cancellationToken) is { } failure ? (failure.ToString(), failure.Code == 429) : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ApiException)
        {
            return (exception.Message, true);
        }
    }

    private async Task<ApiStatus?> WriteAsync(Event wanted, CancellationToken cancellationToken)
    {
        if (wanted.Count > 1)
        {
            var body = new JsonObject
            {
                ["count"] = wanted.Count,
                ["message"] = wanted.Message,
                ["lastTimestamp"] = TimeConverter.ToText(wanted.LastTimestamp ?? clock.GetUtcNow()),
            };
            var patched = await client.PatchAsync(
                Kinds.Events, wanted.Metadata.Namespace, wanted.Metadata.Name, Patch.Merge(body), cancellationToken);
            if (!patched.IsNotFound)
            {
                return patched.Failure;
            }
        }
        return (await client.CreateAsync(Kinds.Events, wanted, cancellationToken)).Failure;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} events were dropped: more happens than the server takes")]
    private static partial void LogDropped(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Event {Reason} was not recorded: {Failure}")]
    private static partial void LogLost(ILogger logger, string reason, string failure);
}
