using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Flotilla.Portal.Cli.Configuration;
using Flotilla.Portal.Contracts;

namespace Flotilla.Portal.Cli.Api;

/// <summary>The portal's REST API. An error answer becomes a <see cref="CliException"/> with its one line.</summary>
internal sealed class PortalClient : IDisposable
{
    private readonly HttpClient http;

    public PortalClient(CliConfig config)
    {
        if (!Uri.TryCreate(config.Server.TrimEnd('/') + "/", UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https"))
        {
            throw new CliException($"'{config.Server}' is not an http or https URL");
        }
        http = new() { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        if (config.Token is { } token) { http.DefaultRequestHeaders.Authorization = new("Bearer", token); }
    }

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, content: null, cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    public async Task<string> GetTextAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, content: null, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    public async Task<T> PostAsync<TBody, T>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Post, path, JsonContent.Create(body, bodyType), cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    public async Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Post, path, content: null, cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    public async Task<T> DeleteAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Delete, path, content: null, cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Delete, path, content: null, cancellationToken);
    }

    /// <summary>The operation now and after each change, until it is over.</summary>
    public async IAsyncEnumerable<OperationView> WatchOperationAsync(
        Guid id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, $"operations/{id}/watch", content: null, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var events = SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize(data, PortalJson.Default.OperationView)!);
        await foreach (var item in events.EnumerateAsync(cancellationToken)) { yield return item.Data; }
    }

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, "api/v1/" + path) { Content = content };
        try
        {
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode) { return response; }
            using (response) { throw await ErrorAsync(response, cancellationToken); }
        }
        catch (HttpRequestException e) { throw new CliException($"cannot reach the portal at {http.BaseAddress}: {e.Message}"); }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken)
                ?? throw new CliException("the portal gave an empty answer");
        }
        catch (JsonException) { throw new CliException("the portal's answer is not what this version understands"); }
    }

    private static async Task<CliException> ErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode is System.Net.HttpStatusCode.Unauthorized)
        {
            return new("not signed in, or the token is no longer valid: run 'flotilla login --token TOKEN' or 'flotilla login --device'");
        }
        if (response.Content.Headers.ContentType is MediaTypeHeaderValue { MediaType: Problem.MediaType })
        {
            var problem = await response.Content.ReadFromJsonAsync(PortalJson.Default.Problem, cancellationToken);
            if (problem is not null) { return new(ProblemText.Of(problem)); }
        }
        return new($"the portal answered {(int)response.StatusCode} {response.ReasonPhrase}");
    }
}
