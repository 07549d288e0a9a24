using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client;

/// <summary>Typed REST of the Kubernetes API. A refusal (4xx) is a value; a broken connection or a failing server throws.</summary>
public sealed partial class ApiClient(HttpMessageInvoker http, Uri server) : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);

    public Uri Server { get; } = server;

    /// <summary>Sent as <c>User-Agent</c>; the API server takes it as the field manager of writes.</summary>
    public string UserAgent { get; init; } = "flotilla";

    public static ApiClient Create(Kubeconfig kubeconfig, string userAgent = "flotilla")
    {
        ArgumentNullException.ThrowIfNull(kubeconfig);
        return new(new HttpMessageInvoker(ApiConnection.CreateHandler(kubeconfig)), kubeconfig.Server) { UserAgent = userAgent };
    }

    public Task<ApiResult<T>> GetAsync<T>(
        ResourceType<T> type, string? ns, string name, CancellationToken cancellationToken) where T : KubernetesObject =>
        SendAsync(HttpMethod.Get, type.Path(ns, name), null, type.Json, cancellationToken);

    public Task<ApiResult<T>> CreateAsync<T>(
        ResourceType<T> type, T value, CancellationToken cancellationToken) where T : KubernetesObject
    {
        value.ApiVersion ??= type.ApiVersion;
        value.Kind ??= type.Kind;
        return SendAsync(
            HttpMethod.Post, type.Path(value.Metadata.Namespace), JsonBody(value, type.Json), type.Json, cancellationToken);
    }

    /// <summary>Creates from a tree, where a view would lose fields: a pod from its template, say.</summary>
    public Task<ApiResult<T>> CreateAsync<T>(
        ResourceType<T> type, string? ns, JsonObject value, CancellationToken cancellationToken) where T : KubernetesObject
    {
        value["apiVersion"] ??= type.ApiVersion;
        value["kind"] ??= type.Kind;
        return SendAsync(HttpMethod.Post, type.Path(ns), JsonBody(value), type.Json, cancellationToken);
    }

    /// <summary>Replaces the object. Only for kinds whose view is complete (Lease, ConfigMap): unread fields would be lost.</summary>
    public Task<ApiResult<T>> UpdateAsync<T>(
        ResourceType<T> type, T value, CancellationToken cancellationToken) where T : KubernetesObject
    {
        value.ApiVersion ??= type.ApiVersion;
        value.Kind ??= type.Kind;
        var path = type.Path(value.Metadata.Namespace, value.Metadata.Name);
        return SendAsync(HttpMethod.Put, path, JsonBody(value, type.Json), type.Json, cancellationToken);
    }

    public Task<ApiResult<T>> PatchAsync<T>(
        ResourceType<T> type, string? ns, string name, Patch patch, CancellationToken cancellationToken, string? subresource = null)
        where T : KubernetesObject
    {
        var query = patch.FieldManager is null
            ? ""
            : $"?fieldManager={Uri.EscapeDataString(patch.FieldManager)}{(patch.Force ? "&force=true" : "")}";
        var body = new ReadOnlyMemoryContent(patch.Body);
        body.Headers.ContentType = new MediaTypeHeaderValue(patch.ContentType);
        return SendAsync(HttpMethod.Patch, type.Path(ns, name, subresource) + query, body, type.Json, cancellationToken);
    }

    public Task<ApiResult<T>> PatchStatusAsync<T>(
        ResourceType<T> type, string? ns, string name, Patch patch, CancellationToken cancellationToken) where T : KubernetesObject =>
        PatchAsync(type, ns, name, patch, cancellationToken, "status");

    /// <summary>Deletes one object. Success says that deletion began; finalizers or a grace period may keep the object for a while.</summary>
    public Task<ApiResult<JsonObject>> DeleteAsync<T>(
        ResourceType<T> type, string? ns, string name, CancellationToken cancellationToken, DeleteOptions? options = null)
        where T : KubernetesObject =>
        SendAsync(HttpMethod.Delete, type.Path(ns, name), DeleteBody(options), ObjectJson.Default.JsonObject, cancellationToken);

    public Task<ApiResult<JsonObject>> DeleteCollectionAsync<T>(
        ResourceType<T> type, string? ns, CancellationToken cancellationToken, ListOptions? selection = null, DeleteOptions? options = null)
        where T : KubernetesObject
    {
        var path = type.Path(ns) + Query(selection ?? new ListOptions(), null, 0);
        return SendAsync(HttpMethod.Delete, path, DeleteBody(options), ObjectJson.Default.JsonObject, cancellationToken);
    }

    /// <summary>Any path of the API: discovery, subresources (<c>binding</c>, <c>eviction</c>, <c>token</c>, <c>finalize</c>), raw objects.</summary>
    public Task<ApiResult<JsonObject>> RequestAsync(
        HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken) =>
        SendAsync(method, path, body is null ? null : JsonBody(body), ObjectJson.Default.JsonObject, cancellationToken);

    public void Dispose() => http.Dispose();

    private async Task<ApiResult<T>> SendAsync<T>(
        HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> json, CancellationToken cancellationToken) where T : class
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(RequestTimeout);
        var accept = typeof(T) == typeof(PartialObject) ? MediaTypes.PartialObject : MediaTypes.Json;
        using var request = Request(method, path, body, accept);
        using var response = await SendAsync(request, timeout.Token);
        if (await FailureAsync(response, timeout.Token) is { } failure)
        {
            return new(failure);
        }
        await using var stream = await response.Content.ReadAsStreamAsync(timeout.Token);
        var value = await JsonSerializer.DeserializeAsync(stream, json, timeout.Token);
        return new(value ?? throw new JsonException($"{method} {path} answered null"));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, cancellationToken);
        }
        catch (IOException exception)
        {
            throw new HttpRequestException($"{request.Method} {request.RequestUri} failed: {exception.Message}", exception);
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? body, string accept)
    {
        var request = new HttpRequestMessage(method, new Uri(Server, path))
        {
            Content = body,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        return request;
    }

    private static async Task<ApiStatus?> FailureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return null;
        }
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var status = ApiStatusReader.Read(body, (int)response.StatusCode);
        return status.Code >= 500 ? throw new ApiException(status) : status;
    }

    private static ReadOnlyMemoryContent JsonBody<T>(T value, JsonTypeInfo<T> json) =>
        JsonBody(JsonSerializer.SerializeToUtf8Bytes(value, json));

    private static ReadOnlyMemoryContent JsonBody(JsonNode value) =>
        JsonBody(System.Text.Encoding.UTF8.GetBytes(value.ToJsonString()));

    private static ReadOnlyMemoryContent JsonBody(byte[] utf8) =>
        new(utf8) { Headers = { ContentType = new MediaTypeHeaderValue(MediaTypes.Json) } };

    private static ReadOnlyMemoryContent? DeleteBody(DeleteOptions? options)
    {
        if (options is null)
        {
            return null;
        }
        var body = new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "v1" };
        if (options.GracePeriodSeconds is { } grace)
        {
            body["gracePeriodSeconds"] = grace;
        }
        if (options.PropagationPolicy is { } policy)
        {
            body["propagationPolicy"] = policy;
        }
        if (options.PreconditionUid is not null || options.PreconditionResourceVersion is not null)
        {
            var preconditions = new JsonObject();
            if (options.PreconditionUid is { } uid)
            {
                preconditions["uid"] = uid;
            }
            if (options.PreconditionResourceVersion is { } version)
            {
                preconditions["resourceVersion"] = version;
            }
            body["preconditions"] = preconditions;
        }
        return JsonBody(body);
    }
}
