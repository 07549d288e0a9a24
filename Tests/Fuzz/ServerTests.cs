using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer;
using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Fuzz;

/// <summary>A whole API server that is sent broken requests: it answers each with what it is, and none is an error of its own.</summary>
public sealed class ServerTests : IAsyncLifetime
{
    private const string Protobuf = "application/vnd.kubernetes.protobuf";
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private readonly string directory = Directory.CreateTempSubdirectory("flotilla-fuzz-").FullName;
    private IStore store = null!;
    private ApiServerInstance server = null!;
    private HttpClient admin = null!;

    public async ValueTask InitializeAsync()
    {
        store = await EmbeddedStore.OpenAsync(new() { Directory = Path.Combine(directory, "store") }, CancellationToken.None);
        var options = new ApiServerOptions { DataDirectory = directory, Listen = [new(IPAddress.Loopback, 0)] };
        server = await ApiServerInstance.StartAsync(options, store, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        admin = new(server.LocalHandler("fuzz", "system:masters")) { BaseAddress = server.Addresses[0] };
        foreach (var (path, body) in (IEnumerable<(string, string)>)
            [("/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"default"}}"""), (Maps, """{"metadata":{"name":"a"},"data":{"k":"v"}}"""), (Maps, """{"metadata":{"name":"b"}}""")])
        {
            await MakeAsync(path, Encoding.UTF8.GetBytes(body));
        }
    }

    public async ValueTask DisposeAsync()
    {
        admin.Dispose();
        await server.DisposeAsync();
        await store.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Bodies_of_every_kind_in_every_form_are_taken_or_refused()
    {
        var seeds = Manifests().SelectMany(static one => (IEnumerable<Sent>)
        [
            new("POST", Collection(one.Resource) + "?dryRun=All", "application/json", JsonCodec.Encode(one.Object)),
            new("POST", Collection(one.Resource) + "?dryRun=All&fieldValidation=Strict", "application/yaml", YamlCodec.Encode(one.Object)),
            new("POST", Collection(one.Resource) + "?dryRun=All", Protobuf, ProtobufCodec.Encode(one.Object)!),
        ]).Concat(Cases().Select(static one => new Sent("POST", Collection(one.Resource) + "?dryRun=All", "application/json", JsonCodec.Encode(one.Object)))).ToArray();
        await FeedAsync(seeds);
    }

    [Fact]
    public async Task Updates_and_patches_are_taken_or_refused()
    {
        var seeds = new List<Sent>();
        foreach (var (resource, obj) in Manifests().Where(static one => one.Resource.Kind is "Deployment" or "Service" or "ConfigMap" or "Pod" or "CustomResourceDefinition" or "Node" or "Ingress" or "CronJob"))
        {
            await MakeAsync(Collection(resource), JsonCodec.Encode(obj));
            var path = $"{Collection(resource)}/{obj["metadata"]!["name"]}?dryRun=All&fieldManager=fuzz";
            var there = await admin.GetByteArrayAsync(path);
            seeds.AddRange(
            [
                new("PUT", path, "application/json", there),
                new("PUT", path.Replace("?", "/status?", StringComparison.Ordinal), "application/json", there),
                new("PATCH", path, "application/merge-patch+json", there),
                new("PATCH", path, "application/strategic-merge-patch+json", there),
                new("PATCH", path, "application/apply-patch+yaml", JsonCodec.Encode(obj)),
                new("PATCH", path, "application/json-patch+json", """[{"op":"test","path":"/kind","value":"x"},{"op":"add","path":"/spec/a","value":{"b":[1]}},{"op":"move","from":"/metadata/labels","path":"/spec/b"},{"op":"copy","from":"/spec","path":"/spec/c"}]"""u8.ToArray()),
                new("DELETE", path, "application/json", """{"kind":"DeleteOptions","apiVersion":"v1","dryRun":["All"],"preconditions":{"uid":"none"},"propagationPolicy":"Foreground","gracePeriodSeconds":1}"""u8.ToArray()),
            ]);
        }

        await FeedAsync([.. seeds]);
    }

    [Fact]
    public async Task Reviews_and_subresources_are_answered_or_refused()
    {
        const string default_ = "/api/v1/namespaces/default";
        await MakeAsync($"{default_}/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}"""u8.ToArray());
        await FeedAsync(
        [
            new("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "application/json", """{"spec":{"user":"u","groups":["g"],"resourceAttributes":{"verb":"get","resource":"pods","labelSelector":{"requirements":[{"key":"a","operator":"In","values":["b"]}]}}}}"""u8.ToArray()),
            new("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "application/json", """{"spec":{"namespace":"default"}}"""u8.ToArray()),
            new("POST", "/apis/authentication.k8s.io/v1/tokenreviews", "application/json", """{"spec":{"token":"eyJhbGciOiJFUzI1NiJ9.e30.AAAA","audiences":["a"]}}"""u8.ToArray()),
            new("POST", $"{default_}/serviceaccounts/default/token", "application/json", """{"spec":{"audiences":["a"],"expirationSeconds":600,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p"}}}"""u8.ToArray()),
            new("POST", $"{default_}/pods/p/eviction?dryRun=All", "application/json", """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"},"deleteOptions":{"dryRun":["All"]}}"""u8.ToArray()),
            new("POST", $"{default_}/pods/p/binding?dryRun=All", "application/json", """{"apiVersion":"v1","kind":"Binding","metadata":{"name":"p"},"target":{"kind":"Node","name":"n"}}"""u8.ToArray()),
            new("PATCH", $"{default_}/pods/p/ephemeralcontainers?dryRun=All", "application/strategic-merge-patch+json", """{"spec":{"ephemeralContainers":[{"name":"e","image":"i","targetContainerName":"c"}]}}"""u8.ToArray()),
        ]);
    }

    [Fact]
    public async Task Queries_are_answered_or_refused()
    {
        var token = (await GetAsync($"{Maps}?limit=1"))["metadata"]!["continue"]!.ToString();
        (string Name, byte[] Value)[] seeds =
        [
            ("continue", Base64Url.DecodeFromChars(token)), ("continue", Encoding.ASCII.GetBytes(token)), ("labelSelector", "a in (b,c),!d,e!=f,g=h"u8.ToArray()),
            ("fieldSelector", "metadata.name=a,metadata.namespace!=b"u8.ToArray()), ("resourceVersionMatch", "NotOlderThan"u8.ToArray()), ("limit", "12"u8.ToArray()),
            ("timeoutSeconds", "1"u8.ToArray()), ("fieldValidation", "Strict"u8.ToArray()), ("pretty", "true"u8.ToArray()),
        ];
        await Inputs.FeedAsync(
            random =>
            {
                var (name, value) = seeds[random.Next(seeds.Length)];
                var mutated = Inputs.Mutated(value, random);
                // Half of the tokens are broken inside, where base64 cannot tell.
                var text = value[0] == '{' ? Base64Url.EncodeToString(mutated) : Encoding.Latin1.GetString(mutated);
                return new Sent("GET", $"{Maps}?limit=1&{name}={Uri.EscapeDataString(text)}", "", []);
            },
            SendAsync);
    }

    /// <summary>Over a connection without a certificate. Whatever is changed of what is signed, nobody is who it says.</summary>
    [Fact]
    public async Task Tokens_are_of_whom_they_were_made_for_or_of_nobody()
    {
        var made = await MakeAsync("/api/v1/namespaces/default/serviceaccounts/default/token", "{}"u8.ToArray());
        var token = made["status"]!["token"]!.ToString();
        var parts = token.Split('.');
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == server.Pki.Server.GetCertHashString() } };
        using var nobody = new HttpClient(handler) { BaseAddress = server.Addresses[0], DefaultRequestVersion = HttpVersion.Version20 };
        async Task<int> AskAsync(string bearer)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/version") { Version = HttpVersion.Version20 };
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {bearer}");
            using var response = await nobody.SendAsync(request);
            return (int)response.StatusCode;
        }

        Assert.Equal(200, await AskAsync(token));
        await Inputs.FeedAsync(
            random =>
            {
                var (changed, part) = (parts.ToArray(), random.Next(3));
                changed[part] = random.Next(2) == 0
                    ? Base64Url.EncodeToString(Inputs.Mutated(Base64Url.DecodeFromChars(parts[part]), random))
                    : new string([.. Inputs.Mutated(Encoding.ASCII.GetBytes(parts[part]), random).Select(static one => (char)(one % 93 + 33))]);
                return string.Join('.', changed);
            },
            async bearer => Assert.Equal(bearer == token ? 200 : 401, await AskAsync(bearer)));
    }

    private Task FeedAsync(Sent[] seeds) => Inputs.FeedAsync(
        random =>
        {
            var seed = seeds[random.Next(seeds.Length)];
            var isJson = seed.Type.EndsWith("json", StringComparison.Ordinal) || seed.Type == "application/apply-patch+yaml";
            return seed with { Body = isJson && random.Next(3) > 0 ? Inputs.Rearranged(seed.Body, random) : Inputs.Mutated(seed.Body, random) };
        },
        SendAsync);

    private async Task SendAsync(Sent sent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(sent.Method), sent.Path);
        if (sent.Type.Length > 0)
        {
            request.Content = new ByteArrayContent(sent.Body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(sent.Type);
        }

        using var response = await admin.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        var answer = JsonNode.Parse(body)!;
        var isTooNew = response.StatusCode == HttpStatusCode.GatewayTimeout && answer["details"]?["causes"]?[0]?["reason"]?.ToString() == "ResourceVersionTooLarge";
        Assert.True((int)response.StatusCode < 500 || isTooNew, $"{(int)response.StatusCode} {Encoding.UTF8.GetString(body)}");
        if (!response.IsSuccessStatusCode) { Assert.Equal(("Status", (int)response.StatusCode), (answer["kind"]!.ToString(), answer["code"]!.GetValue<int>())); }
    }

    private async Task<JsonNode> MakeAsync(string path, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        using var response = await admin.PostAsync(path, content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await admin.GetByteArrayAsync(path))!;

    private static string Collection(ResourceInfo resource) =>
        (resource.Group.Length == 0 ? "/api/v1" : $"/apis/{resource.ApiVersion}") + (resource.Namespaced ? "/namespaces/default/" : "/") + resource.Plural;

    /// <summary>One good object of each kind.</summary>
    private static IEnumerable<(ResourceInfo Resource, JsonObject Object)> Manifests() => Known(Read("Resources/manifests.yaml")["items"]!.AsArray());

    /// <summary>What the tests of validation look at: each field of each kind somewhere.</summary>
    private static IEnumerable<(ResourceInfo Resource, JsonObject Object)> Cases() => Directory.GetFiles(Folder("Validation/Cases"), "*.yaml").Order(StringComparer.Ordinal)
        .SelectMany(static file => Known(Read(file).AsObject().Select(static one => one.Value?["object"])));

    private static IEnumerable<(ResourceInfo Resource, JsonObject Object)> Known(IEnumerable<JsonNode?> manifests)
    {
        foreach (var manifest in manifests.OfType<JsonObject>())
        {
            if (ApiCatalog.Default.ResourceOfKind(manifest.Text("apiVersion")!, manifest.Text("kind")!) is not { } resource) { continue; }
            manifest.Metadata()?.Remove("namespace");
            yield return (resource, manifest);
        }
    }

    private static JsonNode Read(string file)
    {
        var text = File.ReadAllText(Folder(file)).Replace("NAME", "fuzz-1", StringComparison.Ordinal).Replace("NUMBER", "211", StringComparison.Ordinal);
        Assert.True(YamlCodec.TryParse(Encoding.UTF8.GetBytes(text), out var node, out var error), error);
        return node!;
    }

    /// <summary>Beside this file; a whole path stays as it is.</summary>
    private static string Folder(string name, [CallerFilePath] string callerFile = "") =>
        Path.Combine(Path.GetDirectoryName(callerFile)!, "../ClusterCore.ApiServer.Tests", name);

    /// <summary>A request, and how to send it again.</summary>
    private sealed record Sent(string Method, string Path, string Type, byte[] Body)
    {
        public override string ToString() => $"{Method} {Path} {Type} base64 {Convert.ToBase64String(Body)}";
    }
}
