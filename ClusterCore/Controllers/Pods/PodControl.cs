using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Status;

namespace Flotilla.ClusterCore.Controllers.Pods;

/// <summary>Creates, deletes, adopts and releases pods for one controller, and says so in events.</summary>
internal sealed class PodControl(ControllerContext context, EventRecorder recorder)
{
    /// <returns>Null when the pod was made, else why not.</returns>
    public async Task<string?> CreateAsync(KubernetesObject owner, JsonObject pod, CancellationToken cancellationToken)
    {
        var created = await context.PodWrites.CreateAsync(
            () => AnsweredAsync(context.Client.CreateAsync(Kinds.Pods, owner.Metadata.Namespace, pod, cancellationToken), cancellationToken), cancellationToken);
        if (created.Succeeded)
        {
            recorder.Record(owner, EventType.Normal, "SuccessfulCreate", $"Created pod: {created.Value.Metadata.Name}");
            return null;
        }
        if (!created.IsRefusedByTermination())
        {
            recorder.Record(owner, EventType.Warning, "FailedCreate", $"Error creating: {created.Failure.Message}");
        }
        return created.Failure.Message ?? "";
    }

    /// <summary>
    /// Creates many, first one, then twice as many each time: where pods are refused (quota, admission), a few requests say so, not
    /// hundreds.
    /// </summary>
    /// <returns>How many were made, and why the next was not.</returns>
    public async Task<(int Created, string? Failure)> CreateSlowlyAsync(
        KubernetesObject owner, int count, Func<int, JsonObject> pod, CancellationToken cancellationToken)
    {
        var created = 0;
        for (var batch = 1; created < count; batch *= 2)
        {
            var first = created;
            var results = await Task.WhenAll(Enumerable.Range(first, Math.Min(batch, count - first))
                .Select(index => CreateAsync(owner, pod(index), cancellationToken)));
            created += results.Count(failure => failure is null);
            if (Array.Find(results, failure => failure is not null) is { } failed)
            {
                return (created, failed);
            }
        }
        return (created, null);
    }

    /// <returns>Null when the pod is gone or going, else why not.</returns>
    public async Task<string?> DeleteAsync(KubernetesObject owner, Pod pod, CancellationToken cancellationToken)
    {
        var only = new DeleteOptions { PreconditionUid = pod.Metadata.Uid };
        var deleted = await context.PodWrites.DeleteAsync(
            () => AnsweredAsync(context.Client.DeleteAsync(Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, cancellationToken, only), cancellationToken), cancellationToken);
        if (deleted.Succeeded)
        {
            recorder.Record(owner, EventType.Normal, "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
            return null;
        }
        if (deleted.IsNotFound || deleted.IsConflict)
        {
            return null;
        }
        recorder.Record(owner, EventType.Warning, "FailedDelete", $"Error deleting: {deleted.Failure.Message}");
        return deleted.Failure.Message ?? "";
    }

    /// <summary>A server that fails has refused too: whoever counts on the pods must hear which of them will not come.</summary>
    private static async Task<ApiResult<T>> AnsweredAsync<T>(Task<ApiResult<T>> request, CancellationToken cancellationToken) where T : class
    {
        try
        {
            return await request;
        }
        catch (ApiException exception)
        {
            return new(exception.Status);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || IsTimeout(exception, cancellationToken))
        {
            return new(new ApiStatus { Code = 503, Message = exception.Message });
        }
    }

    private static bool IsTimeout(Exception exception, CancellationToken cancellationToken) =>
        exception is OperationCanceledException && !cancellationToken.IsCancellationRequested;
}
