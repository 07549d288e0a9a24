using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Statuses;

/// <summary>
/// Writes pod statuses to the API: the latest of each pod, only when it changed, never before an older one of the same pod.
/// </summary>
internal sealed partial class StatusWriter(ApiClient client, TimeProvider clock, ILogger logger) : IDisposable
{
    private const int Writers = 4;

    private readonly WorkQueue<string> queue = new(new() { FirstRetry = TimeSpan.FromMilliseconds(100), LongestRetry = TimeSpan.FromSeconds(10) }, clock);
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>Takes the status a pod has from now on; returns at once.</summary>
    public void Set(Pod pod, PodStatus status)
    {
        var entry = entries.GetOrAdd(pod.Metadata.Uid!, static _ => new());
        if (entry.Put(pod, Json(pod, status)))
        {
            queue.Add(pod.Metadata.Uid!);
        }
    }

    /// <summary>Returns when the API has the pod's latest status, or no longer has the pod.</summary>
    public Task FlushAsync(string podUid, CancellationToken cancellationToken) =>
        entries.TryGetValue(podUid, out var entry) ? entry.Written.WaitAsync(cancellationToken) : Task.CompletedTask;

    public void Forget(string podUid) => entries.TryRemove(podUid, out _);

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAllAsync(cancellationToken)));

    public void Dispose() => queue.Dispose();

    /// <summary>What the API's types always show is shown, even where it is zero.</summary>
    public static string Json(Pod pod, PodStatus status)
    {
        var json = JsonSerializer.SerializeToNode(status, ObjectJson.Default.PodStatus)!.AsObject();
        foreach (var list in (string[])["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"])
        {
            foreach (var container in json[list]?.AsArray() ?? [])
            {
                ShowZeros(container!.AsObject());
            }
        }

        foreach (var condition in json["conditions"]?.AsArray() ?? [])
        {
            HideAbsent(condition!.AsObject());
        }

        foreach (var over in Over(pod, status))
        {
            json["conditions"]!.AsArray().Add((JsonNode)new JsonObject { ["type"] = over, ["$patch"] = "delete" });
        }

        return json.ToJsonString();
    }

    /// <summary>Conditions are merged one by one: what is no longer said must be taken back with null.</summary>
    private static void HideAbsent(JsonObject condition)
    {
        foreach (var name in (string[])["reason", "message"])
        {
            if (!condition.ContainsKey(name))
            {
                condition[name] = null;
            }
        }
    }

    /// <summary>A resize that is done says so by what is no longer there.</summary>
    private static IEnumerable<string> Over(Pod pod, PodStatus status) =>
        from type in (string[])["PodResizePending", "PodResizeInProgress"]
        where HasCondition(pod.Status, type) && !HasCondition(status, type)
        select type;

    private static bool HasCondition(PodStatus? status, string type) => status?.Conditions?.Any(condition => condition.Type == type) == true;

    private static void ShowZeros(JsonObject container)
    {
        container["ready"] ??= false;
        container["started"] ??= false;
        container["restartCount"] ??= 0;
        container["imageID"] ??= "";
        foreach (var state in (string[])["state", "lastState"])
        {
            if (container[state]?["terminated"] is JsonObject terminated)
            {
                terminated["exitCode"] ??= 0;
            }
        }
    }

    private async Task WriteAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var uid = await queue.TakeAsync(cancellationToken);
            try
            {
                await WriteAsync(uid, cancellationToken);
                queue.Forget(uid);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or ApiException || !cancellationToken.IsCancellationRequested)
            {
                LogFailed(logger, uid, exception.Message);
                queue.AddRateLimited(uid);
            }
            finally
            {
                queue.Done(uid);
            }
        }
    }

    private async Task WriteAsync(string uid, CancellationToken cancellationToken)
    {
        if (!entries.TryGetValue(uid, out var entry) || entry.Unwritten() is not var (pod, json))
        {
            return;
        }

        var body = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = uid }, ["status"] = JsonNode.Parse(json) };
        var result = await client.PatchStatusAsync(Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, Patch.Strategic(body), cancellationToken);
        if (result.Failure is { } failure && !result.IsNotFound && !result.IsConflict)
        {
            // What is wrong with the status itself stays so; a credential that is refused, or too many requests, may be over at the next try.
            if (failure.Code is not (400 or 422))
            {
                throw new ApiException(failure);
            }

            LogFailed(logger, PodNames.Full(pod), failure.ToString());
        }

        entry.Done(json);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The status of pod {Pod} could not be written: {Reason}")]
    private static partial void LogFailed(ILogger logger, string pod, string reason);

    private sealed class Entry
    {
        private readonly Lock gate = new();
        private Pod? pod;
        private string? wanted;
        private string? done;
        private TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Written
        {
            get
            {
                lock (gate)
                {
                    return wanted == done ? Task.CompletedTask : written.Task;
                }
            }
        }

        public bool Put(Pod latest, string json)
        {
            lock (gate)
            {
                pod = latest;
                if (json == wanted)
                {
                    return false;
                }

                wanted = json;
                return true;
            }
        }

        public (Pod Pod, string Json)? Unwritten()
        {
            lock (gate)
            {
                return pod is null || wanted is null || wanted == done ? null : (pod, wanted);
            }
        }

        public void Done(string json)
        {
            lock (gate)
            {
                done = json;
                if (wanted == done)
                {
                    written.TrySetResult();
                    written = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
    }
}
