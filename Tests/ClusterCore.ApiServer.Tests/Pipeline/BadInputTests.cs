using System.Net.Http.Headers;
using System.Text;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tests.Pipeline;

/// <summary>Bodies and paths that no client should send get the Status that upstream gives them, and never a 500.</summary>
[Collection(ServerCollection.Name)]
public sealed class BadInputTests(RunningServer server)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string Json = "application/json";
    private const string Yaml = "application/yaml";
    private const string Protobuf = "application/vnd.kubernetes.protobuf";

    [Theory]
    [InlineData(Yaml, "metadata: [", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: error converting YAML to JSON: yaml: ")]
    [InlineData(Yaml, "metadata:\n\tname: tab", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: error converting YAML to JSON: yaml: ")]
    [InlineData(Yaml, "data: {a: *missing}", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: error converting YAML to JSON: yaml: ")]
    [InlineData(Yaml, "a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]",
        "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: error converting YAML to JSON: yaml: ")]
    [InlineData(Protobuf, "nonsense", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: proto: provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")]
    [InlineData(Protobuf, "k8s\0\n\u00ff", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: proto: ")]
    [InlineData(Protobuf, "", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: proto: ")]
    [InlineData(Json, "", "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: ")]
    public async Task What_cannot_be_decoded_is_a_bad_request(string type, string body, string message)
    {
        var reply = await RunningServer.SendAsync(server.Admin, HttpMethod.Post, Maps, body, type);
        Assert.Equal((400, "BadRequest"), (reply.Code, reply.Reason));
        Assert.StartsWith(message, reply.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(Json), InlineData(Yaml), InlineData("application/merge-patch+json"), InlineData("application/apply-patch+yaml"), InlineData("application/json-patch+json")]
    public async Task Ten_thousand_levels_are_too_deep(string type)
    {
        const int Levels = 10_000;
        var deep = type switch
        {
            Yaml or "application/apply-patch+yaml" => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: deep}}\ndata: {new string('[', Levels)}1{new string(']', Levels)}",
            "application/json-patch+json" => $"[{{\"op\":\"add\",\"path\":\"/data\",\"value\":{new string('[', Levels)}1{new string(']', Levels)}}}]",
            _ => $"{{\"metadata\":{{\"name\":\"deep\"}},\"data\":{string.Concat(Enumerable.Repeat("{\"a\":", Levels))}1{new string('}', Levels + 1)}",
        };
        await server.CreateAsync(Maps, """{"metadata":{"name":"deep"}}""");
        var reply = type is Json or Yaml
            ? await RunningServer.SendAsync(server.Admin, HttpMethod.Post, Maps, deep, type)
            : await RunningServer.SendAsync(server.Admin, HttpMethod.Patch, $"{Maps}/deep?fieldManager=m", deep, type);
        Assert.Equal((400, "BadRequest"), (reply.Code, reply.Reason));
    }

    [Fact]
    public async Task Protobuf_in_protobuf_in_protobuf_is_too_deep_at_some_point()
    {
        // A list that is its own item, in a RawExtension, a thousand times.
        var body = ProtobufCodec.Encode(new() { ["kind"] = "ConfigMap", ["apiVersion"] = "v1" })!;
        for (var i = 0; i < 1_000; i++)
        {
            var raw = Message(2, Message(1, body));
            body = [.. "k8s\0"u8, .. Message(1, [.. Message(1, "v1"u8), .. Message(2, "List"u8)]), .. Message(2, raw)];
        }

        Assert.InRange(body.Length, 1, 3 * 1024 * 1024);
        var reply = await PostAsync(Maps, body, Protobuf);
        Assert.Equal(400, reply.Code);
        Assert.Equal(400, (await PostAsync("/apis/apps/v1/namespaces/default/controllerrevisions", [.. "k8s\0"u8, .. Message(2, Message(2, Message(1, body)))], Protobuf)).Code);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Three_MiB_are_the_most_however_they_come(bool sayHowMany)
    {
        var body = Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"large"},"data":{"a":"{{{new string('x', (3 * 1024 * 1024) + 1)}}}"}}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, Maps) { Content = new ByteArrayContent(body), Version = System.Net.HttpVersion.Version11 };
        request.Content.Headers.ContentType = new(Json);
        if (!sayHowMany)
        {
            request.Content.Headers.ContentLength = null;
            request.Headers.TransferEncodingChunked = true;
        }

        using var response = await server.Admin.SendAsync(request);
        Assert.Equal(413, (int)response.StatusCode);
        Assert.Contains("\"reason\":\"RequestEntityTooLarge\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPPER", "metadata.name"), InlineData("a_b", "metadata.name"), InlineData("-a", "metadata.name"), InlineData("a/b", "metadata.name"), InlineData("..", "metadata.name")]
    [InlineData("a%", "metadata.name"), InlineData("\\u0000", "metadata.name"), InlineData("\\ud83d\\ude00", "metadata.name"), InlineData("", "metadata.name")]
    public async Task An_invalid_name_is_refused(string name, string field)
    {
        var reply = await server.CreateAsync(Maps, $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        Assert.Equal((422, "Invalid", field), (reply.Code, reply.Reason, reply["details.causes.0.field"]));
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/configmaps/..%2f..%2fsecrets"), InlineData("/api/v1/namespaces/%2e%2e/configmaps")]
    [InlineData("/api/v1/namespaces//configmaps//"), InlineData("/apis/apps/v1/namespaces/default/deployments/a/b/c/d"), InlineData("/api/v1/configmaps/a"), InlineData("/api/v1/namespaces/default/nodes")]
    [InlineData("/api/v1/namespaces/default/configmaps/a/nonsense"), InlineData("/api/v1/nodes/a/b/c"), InlineData("/apis//v1/x"), InlineData("/api/v1/namespaces/default/pods/%F0%9F%98%80")]
    public async Task An_odd_path_finds_nothing_and_harms_nothing(string path)
    {
        foreach (var method in (string[])["GET", "PUT", "DELETE", "PATCH", "POST", "OPTIONS", "TRACE", "NONSENSE"])
        {
            var reply = await RunningServer.SendAsync(server.Admin, new(method), path, method is "PUT" or "POST" or "PATCH" ? "{}" : null, method == "PATCH" ? "application/merge-patch+json" : Json);
            Assert.True(reply.Code is (>= 400 and < 500) or 200, $"{method} {path}: {reply.Code} {reply.Text}");
            Assert.True(reply.Code != 200 || method == "GET", $"{method} {path}: {reply.Text}");
        }
    }

    [Theory]
    [InlineData("limit=x", 400), InlineData("limit=-1", 200), InlineData("limit=99999999999999999999", 400), InlineData("timeoutSeconds=x", 400), InlineData("resourceVersion=99999999999999999999", 400)]
    [InlineData("labelSelector=%00", 400), InlineData("labelSelector=a=b=c", 400), InlineData("labelSelector=((((", 400), InlineData("fieldSelector=%3D", 400), InlineData("fieldSelector=a", 400), InlineData("continue=%ff", 400)]
    [InlineData("watch=1&resourceVersion=x", 400), InlineData("watch=1&timeoutSeconds=-5&resourceVersion=x", 400), InlineData("timeoutSeconds=1111111111111", 200), InlineData("pretty=true", 200), InlineData("unknown=1", 200)]
    public async Task Odd_queries_are_refused_or_of_no_account(string query, int code)
    {
        var reply = await server.GetAsync($"{Maps}?{query}");
        Assert.True(reply.Code == code, $"{query}: {reply.Code} {reply.Text}");
    }

    [Fact]
    public async Task Many_labels_are_allowed_and_annotations_up_to_256_KiB()
    {
        var many = string.Join(",", Enumerable.Range(0, 20_000).Select(static i => $"\"l{i}\":\"v\""));
        Assert.Equal(201, (await server.CreateAsync(Maps, $$$"""{"metadata":{"name":"labelled","labels":{ {{{many}}} } } }""")).Code);
        Assert.Single((await server.GetAsync($"{Maps}?labelSelector=l19999%3Dv,l1%3Dv")).Json["items"]!.AsArray());
        var large = await server.CreateAsync(Maps, $$$"""{"metadata":{"name":"annotated","annotations":{"a":"{{{new string('x', 256 * 1024)}}}"} } }""");
        Assert.Equal((422, "metadata.annotations"), (large.Code, large["details.causes.0.field"]));
        Assert.Contains("Too long: may not be more than 262144 bytes", large.Message, StringComparison.Ordinal);
        await server.DeleteAsync($"{Maps}/labelled");
    }

    [Theory, InlineData("POST"), InlineData("PUT"), InlineData("PATCH"), InlineData("DELETE")]
    public async Task Bodies_in_an_unknown_form_are_refused_by_every_verb(string method)
    {
        await server.CreateAsync(Maps, """{"metadata":{"name":"formless"}}""");
        foreach (var type in (string[])["application/cbor", "text/plain", "application/xml"])
        {
            var reply = await RunningServer.SendAsync(server.Admin, new(method), method == "POST" ? Maps : $"{Maps}/formless", "{}", type);
            Assert.Equal((415, "UnsupportedMediaType"), (reply.Code, reply.Reason));
        }
    }

    private async Task<Reply> PostAsync(string path, byte[] body, string type)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var response = await server.Admin.PostAsync(path, content);
        return new((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), [], null);
    }

    private static byte[] Message(int number, ReadOnlySpan<byte> bytes)
    {
        var (head, length) = (new List<byte> { (byte)((number << 3) | 2) }, bytes.Length);
        for (; length >= 0x80; length >>= 7) { head.Add((byte)(length | 0x80)); }
        head.Add((byte)length);
        return [.. head, .. bytes];
    }
}
