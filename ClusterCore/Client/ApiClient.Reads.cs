using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client;

public sealed partial class ApiClient
{
    /// <summary>The whole collection at one resource version, fetched page by page. <paramref name="ns"/> null: all namespaces.</summary>
    public async Task<ApiResult<ObjectList<T>>> ListAsync<T>(
        ResourceType<T> type, string? ns, CancellationToken cancellationToken, ListOptions? options = null) where T : KubernetesObject
    {
        options ??= new();
        var items = new List<T>();
        string? next = null;
        do
        {
            var pageSize = options.ResourceVersion == "0" ? 0 : options.PageSize;
            var page = await ListPageAsync(type, type.Path(ns) + Query(options, next, pageSize), items, cancellationToken);
            if (page.IsGone && next is not null)
            {
                // The token outlived the history it reads from: one unpaged list is consistent too.
                items.Clear();
                page = await ListPageAsync(type, type.Path(ns) + Query(options, null, 0), items, cancellationToken);
            }
            if (!page.Succeeded)
            {
                return new(page.Failure);
            }
            next = page.Value.Continue;
            if (next is null)
            {
                return new(new ObjectList<T>(items, page.Value.ResourceVersion));
            }
        }
        while (true);
    }

    /// <summary>Events from a resource version on, until the server ends the watch. An expired version shows as an error event.</summary>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ResourceType<T> type, string? ns, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : KubernetesObject
    {
        ArgumentNullException.ThrowIfNull(options);
        var accept = type.MetadataOnly ? MediaTypes.PartialObject : MediaTypes.Json;
        using var request = Request(HttpMethod.Get, type.Path(ns) + Query(options), null, accept);
        using var response = await SendAsync(request, cancellationToken);
        if (await FailureAsync(response, cancellationToken) is { } failure)
        {
            yield return new(WatchEventType.Error, null, failure);
            yield break;
        }
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 4096, useZeroByteReads: true));
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (WatchLine.TryTake(ref rest, out var line))
            {
                if (WatchLine.Parse(line, type.Json) is { } change)
                {
                    yield return change;
                }
            }
            if (read.IsCompleted)
            {
                yield break;
            }
            reader.AdvanceTo(rest.Start, rest.End);
        }
    }

    private async Task<ApiResult<ListPage>> ListPageAsync<T>(
        ResourceType<T> type, string path, List<T> items, CancellationToken cancellationToken) where T : KubernetesObject
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(RequestTimeout);
        using var request = Request(HttpMethod.Get, path, null, type.MetadataOnly ? MediaTypes.PartialObjectList : MediaTypes.Json);
        using var response = await SendAsync(request, timeout.Token);
        if (await FailureAsync(response, timeout.Token) is { } failure)
        {
            return new(failure);
        }
        await using var stream = await response.Content.ReadAsStreamAsync(timeout.Token);
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024));
        var read = await reader.ReadAsync(timeout.Token);
        while (!read.IsCompleted)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await reader.ReadAsync(timeout.Token);
        }
        var page = ListPage.Parse(read.Buffer, type, items);
        await reader.CompleteAsync();
        return new(page);
    }

    private static string Query(ListOptions options, string? next, int pageSize)
    {
        var query = new StringBuilder();
        Append(query, "labelSelector", options.LabelSelector);
        Append(query, "fieldSelector", options.FieldSelector);
        // A continue token carries its own resource version.
        Append(query, "resourceVersion", next is null ? options.ResourceVersion : null);
        Append(query, "resourceVersionMatch", next is null ? options.ResourceVersionMatch : null);
        Append(query, "limit", pageSize > 0 ? $"{pageSize}" : null);
        Append(query, "continue", next);
        return query.ToString();
    }

    private static string Query(WatchOptions options)
    {
        var query = new StringBuilder("?watch=true&allowWatchBookmarks=true");
        Append(query, "labelSelector", options.LabelSelector);
        Append(query, "fieldSelector", options.FieldSelector);
        Append(query, "resourceVersion", options.ResourceVersion);
        Append(query, "sendInitialEvents", options.SendInitialEvents ? "true" : null);
        Append(query, "resourceVersionMatch", options.SendInitialEvents ? "NotOlderThan" : null);
        Append(query, "timeoutSeconds", options.Timeout is { } timeout ? $"{(int)timeout.TotalSeconds}" : null);
        return query.ToString();
    }

    private static void Append(StringBuilder query, string name, string? value)
    {
        if (value is not null)
        {
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
