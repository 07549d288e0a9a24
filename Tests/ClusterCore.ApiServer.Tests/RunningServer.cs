using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Authentication.Oidc;
using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.ApiServer.Tests;

/// <summary>The real server on a free loopback port, over the embedded store in a directory of its own.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("flotilla-apiserver-").FullName;
    private IStore? store;

    public IReadOnlyList<JwtIssuer> JwtIssuers { get; init; } = [];

    public TimeSpan SlowestHead { get; init; } = TimeSpan.FromSeconds(30);

    public int MaxRequestsInFlight { get; init; } = 400;

    public int MaxMutatingRequestsInFlight { get; init; } = 200;

    public ApiServerInstance Api { get; private set; } = null!;

    public HttpClient Admin { get; private set; } = null!;

    public string KubeconfigPath => Path.Combine(directory, "kubeconfig");

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        await CreateAsync("/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"default"}}""");
    }

    /// <summary>Forgets all history.</summary>
    public async Task CompactAsync() => await store!.CompactAsync(store.Revision, CancellationToken.None);

    /// <summary>Stops and starts again over the same directory, on another port.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    private async Task StartAsync()
    {
        store = await EmbeddedStore.OpenAsync(new() { Directory = Path.Combine(directory, "store") }, CancellationToken.None);
        var options = new ApiServerOptions
        {
            DataDirectory = directory,
            Listen = [new(IPAddress.Loopback, 0)],
            JwtIssuers = JwtIssuers,
            SlowestHead = SlowestHead,
            MaxRequestsInFlight = MaxRequestsInFlight,
            MaxMutatingRequestsInFlight = MaxMutatingRequestsInFlight,
        };
        Api = await ApiServerInstance.StartAsync(options, store, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        await File.WriteAllTextAsync(KubeconfigPath, Api.Kubeconfig("kubernetes-admin", "system:masters"));
        Admin = As("kubernetes-admin", "system:masters");
    }

    private async Task StopAsync()
    {
        Admin.Dispose();
        await Api.DisposeAsync();
        await store!.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>A client with a certificate of this cluster.</summary>
    public HttpClient As(string user, params string[] groups) => new(Handler(user, groups)) { BaseAddress = Api.Addresses[0] };

    /// <summary>A client with a bearer token, or with nothing.</summary>
    public HttpClient WithToken(string? token)
    {
        var client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = IsThisServer } })
        {
            BaseAddress = Api.Addresses[0],
        };
        if (token is not null) { client.DefaultRequestHeaders.Authorization = new("Bearer", token); }
        return client;
    }

    public Task<Reply> GetAsync(string path, string? accept = null) => SendAsync(Admin, HttpMethod.Get, path, null, "application/json", accept);

    /// <summary>The first answer that is as it should be.</summary>
    public async Task<Reply> EventuallyAsync(string path, Func<Reply, bool> isThere, string? accept = null)
    {
        Reply? answer = null;
        await Eventually.TrueAsync(async () => isThere(answer = await GetAsync(path, accept)), $"{path} is as it should be");
        return answer!;
    }

    public Task<Reply> CreateAsync(string path, string body) => SendAsync(Admin, HttpMethod.Post, path, body, "application/json");

    public Task<Reply> UpdateAsync(string path, string body) => SendAsync(Admin, HttpMethod.Put, path, body, "application/json");

    public Task<Reply> DeleteAsync(string path, string? body = null) => SendAsync(Admin, HttpMethod.Delete, path, body, "application/json");

    public Task<Reply> PatchAsync(string path, string body, string kind = "merge-patch+json") =>
        SendAsync(Admin, HttpMethod.Patch, path, body, $"application/{kind}");

    public static async Task<Reply> SendAsync(HttpClient client, HttpMethod method, string path, string? body, string contentType, string? accept = null)
    {
        using var request = new HttpRequestMessage(method, path) { Version = HttpVersion.Version20 };
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        if (accept is not null) { request.Headers.TryAddWithoutValidation("Accept", accept); }
        using var response = await client.SendAsync(request);
        var warnings = response.Headers.TryGetValues("Warning", out var values) ? values.ToArray() : [];
        return new((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), warnings, response.Content.Headers.ContentType?.ToString());
    }

    /// <summary>A WebSocket to the server, as the administrator.</summary>
    public async Task<ClientWebSocket> ConnectAsync(string path, string? protocol = null, string? accept = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.ClientCertificates.Add(Api.Pki.IssueClient("kubernetes-admin", "system:masters"));
        socket.Options.RemoteCertificateValidationCallback = IsThisServer;
        if (protocol is not null) { socket.Options.AddSubProtocol(protocol); }
        if (accept is not null) { socket.Options.SetRequestHeader("Accept", accept); }
        await socket.ConnectAsync(new($"wss://{Api.Addresses[0].Authority}{path}"), CancellationToken.None);
        return socket;
    }

    public bool IsThisServer(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate?.GetCertHashString() == Api.Pki.Server.GetCertHashString();

    private SocketsHttpHandler Handler(string user, string[] groups) => Handler(Api.Pki.IssueClient(user, groups));

    /// <summary>A client with any certificate.</summary>
    public HttpClient With(X509Certificate2 certificate) => new(Handler(certificate)) { BaseAddress = Api.Addresses[0] };

    private SocketsHttpHandler Handler(X509Certificate2 certificate) => new()
    {
        AllowAutoRedirect = false,
        SslOptions =
        {
            ClientCertificates = [certificate],
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
            RemoteCertificateValidationCallback = IsThisServer,
        },
    };
}

/// <summary>What the server answered.</summary>
public sealed record Reply(int Code, byte[] Body, string[] Warnings, string? ContentType)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonObject Json => JsonNode.Parse(Body)!.AsObject();

    public string Reason => Json["reason"]?.ToString() ?? "";

    public string Message => Json["message"]?.ToString() ?? "";

    /// <summary>The value at a dotted path, as text.</summary>
    public string this[string path] => path.Split('.').Aggregate((JsonNode?)Json, (node, name) => node switch
    {
        JsonArray list => list.ElementAtOrDefault(int.Parse(name)),
        _ => node?[name],
    })?.ToString() ?? "";
}

/// <summary>Tests that share one server: each works in a namespace or with names of its own.</summary>
[CollectionDefinition(Name)]
public sealed class ServerCollection : ICollectionFixture<RunningServer>
{
    public const string Name = "server";
}
