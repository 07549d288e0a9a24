using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.TestKit.FakeServer;

/// <summary>
/// An API server's habits in memory, behind an HTTP handler: create, read, list, watch, patch, delete, resource versions, finalizers.
/// It knows no schema and validates nothing. Answers can be scripted with <see cref="On"/>.
/// </summary>
public sealed class FakeApi : HttpMessageHandler
{
    private readonly FakeStore store;
    private readonly List<Script> scripts = [];

    public FakeApi(TimeProvider? clock = null) => store = new(clock ?? TimeProvider.System);

    /// <summary>Every request that came in, oldest first: method, path with query, body.</summary>
    public List<FakeRequest> Requests { get; } = [];

    /// <summary>Requests that change something.</summary>
    public IEnumerable<FakeRequest> Writes => Requests.Where(request => request.Method != HttpMethod.Get);

    public ApiClient Client() => new(new HttpMessageInvoker(this, disposeHandler: false), new Uri("https://fake.invalid"));

    /// <summary>Answers the next requests whose method and path match in place of the store: a refusal, or an exception.</summary>
    public void On(HttpMethod method, string pathPart, Func<HttpResponseMessage> answer, int times = 1) =>
        scripts.Add(new Script(method, pathPart, answer) { Left = times });

    public void Put<T>(ResourceType<T> type, params T[] objects) where T : KubernetesObject
    {
        foreach (var value in objects)
        {
            var node = (JsonObject)System.Text.Json.JsonSerializer.SerializeToNode(value, type.Json)!;
            node["apiVersion"] = type.ApiVersion;
            node["kind"] = type.Kind;
            store.Replace(FakePath.Of(type.Path(value.Metadata.Namespace, value.Metadata.Name)), node);
        }
    }

    public T? Get<T>(ResourceType<T> type, string? ns, string name) where T : KubernetesObject =>
        store.Find(FakePath.Of(type.Path(ns, name))) is { } node
            ? System.Text.Json.JsonSerializer.Deserialize(node, type.Json)
            : null;

    public T[] List<T>(ResourceType<T> type, string? ns = null) where T : KubernetesObject =>
        [.. store.List(FakePath.Of(type.Path(ns)), null).Select(node => System.Text.Json.JsonSerializer.Deserialize(node, type.Json)!)];

    /// <summary>Forgets history, so that the next watch from an older version answers 410, and ends the watches under way.</summary>
    public void Compact() => store.Compact();

    /// <summary>Ends all watches, as a server does that shuts down.</summary>
    public void DropWatches() => store.DropWatches();

    public static HttpResponseMessage Refuse(int code, string reason, string message = "refused") => new((HttpStatusCode)code)
    {
        Content = new StringContent(FakeStatus.Of(code, reason, message).ToJsonString(), Encoding.UTF8, "application/json"),
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var taken = new FakeRequest(request.Method, request.RequestUri!.PathAndQuery, body, request.Content?.Headers.ContentType?.MediaType);
        lock (Requests)
        {
            Requests.Add(taken);
            if (scripts.Find(script => script.Left > 0 && script.Matches(taken)) is { } script)
            {
                script.Left--;
                return script.Answer();
            }
        }
        var path = FakePath.Of(taken.Path);
        return request.Method.Method switch
        {
            "GET" when path.Query["watch"] == "true" => store.Watch(path),
            "GET" when path.Name is null => Json(store.ListObject(path)),
            "GET" => store.Find(path) is { } found ? Json(found) : NotFound(path),
            "POST" => Answer(store.Create(path, Parse(body))),
            "PUT" => Answer(store.Update(path, Parse(body))),
            "PATCH" => Answer(store.Patch(path, taken.MediaType ?? "", JsonNode.Parse(body)!)),
            "DELETE" => Answer(store.Delete(path, body.Length == 0 ? null : Parse(body))),
            _ => Refuse(405, "MethodNotAllowed"),
        };
    }

    private static JsonObject Parse(string body) => (JsonObject)JsonNode.Parse(body)!;

    private static HttpResponseMessage NotFound(FakePath path) => Refuse(404, "NotFound", $"{path.Plural} \"{path.Name}\" not found");

    private static HttpResponseMessage Answer((int Code, JsonObject Body) answer) =>
        new((HttpStatusCode)answer.Code) { Content = new StringContent(answer.Body.ToJsonString(), Encoding.UTF8, "application/json") };

    private static HttpResponseMessage Json(JsonObject body) => Answer((200, body));

    private sealed record Script(HttpMethod Method, string PathPart, Func<HttpResponseMessage> Answer)
    {
        public int Left { get; set; }

        public bool Matches(FakeRequest request) => request.Method == Method && request.Path.Contains(PathPart, StringComparison.Ordinal);
    }
}

public sealed record FakeRequest(HttpMethod Method, string Path, string Body, string? MediaType)
{
    public override string ToString() => $"{Method} {Path}";
}

internal static class FakeStatus
{
    public static JsonObject Of(int code, string reason, string message) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = code < 400 ? "Success" : "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["code"] = code,
    };
}
