using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Resources;

/// <summary>Every verb of every resource that keeps objects, in every format.</summary>
[Collection(ServerCollection.Name)]
public sealed class EveryResourceTests(RunningServer server) : IAsyncLifetime
{
    private const string Protobuf = "application/vnd.kubernetes.protobuf";
    private const string Yaml = "application/yaml";
    private const string Json = "application/json";

    /// <summary>Of the objects made in JSON, YAML and protobuf: numbers that appear nowhere else.</summary>
    private static readonly int[] numbers = [241, 242, 243];

    private static readonly JsonArray manifests = GoldenCase.Read(".", "manifests")["items"]!.AsArray();

    /// <summary>CEL does not run here, and policies without it would promise what nobody keeps.</summary>
    private static readonly string[] refused = ["mutatingadmissionpolicies", "validatingadmissionpolicies"];

    public static TheoryData<string, string> Resources => [.. ApiCatalog.Default.Resources
        .Where(resource => !refused.Contains(resource.Plural, StringComparer.Ordinal))
        .Where(resource => resource.Verbs.Contains("create", StringComparer.Ordinal) && resource.Verbs.Contains("get", StringComparer.Ordinal))
        .Select(resource => (resource.ApiVersion, resource.Plural))];

    public async ValueTask InitializeAsync()
    {
        _ = await server.CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"walk"}}""");
        _ = await server.CreateAsync("/api/v1/namespaces/walk/serviceaccounts", """{"metadata":{"name":"default"}}""");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory, MemberData(nameof(Resources))]
    public async Task Answers_every_verb_in_every_format(string apiVersion, string plural)
    {
        var resource = ApiCatalog.Default.Resources.Single(one => one.ApiVersion == apiVersion && one.Plural == plural);
        var collection = (resource.Group.Length == 0 ? $"/api/{apiVersion}" : $"/apis/{apiVersion}") + (resource.Namespaced ? "/namespaces/walk/" : "/") + plural;
        var made = await CreateInEveryFormatAsync(resource, collection);
        var path = $"{collection}/{made["metadata.name"]}";
        if (resource.Kind switch { "CustomResourceDefinition" => "InitialNamesAccepted", "FlowSchema" => "Dangling", _ => null } is { } condition)
        {
            await Eventually.TrueAsync(async () => (await server.GetAsync(path)).Text.Contains(condition, StringComparison.Ordinal), "the server has said what it makes of the object");
            made = await server.GetAsync(path);
        }

        await ReadInEveryFormatAsync(collection, path, made.Json);
        await PutAndPatchAsync(resource, path);
        await StatusAsync(resource, path);
        await DeleteAsync(resource, collection, path);
    }

    private async Task<Reply> CreateInEveryFormatAsync(ResourceInfo resource, string collection)
    {
        var json = await SendAsync(HttpMethod.Post, collection, JsonCodec.Encode(Manifest(resource, numbers[0])), Json, Json);
        Assert.True(json.Code == 201, json.Text);
        Assert.Equal((resource.Kind, resource.ApiVersion), (json["kind"], json["apiVersion"]));
        Assert.NotEqual("", json["metadata.uid"]);
        var yaml = await SendAsync(HttpMethod.Post, collection, YamlCodec.Encode(Manifest(resource, numbers[1])), Yaml, Yaml);
        Assert.True(yaml.Code == 201, yaml.Text);
        var protobuf = await SendAsync(HttpMethod.Post, collection, ProtobufCodec.Encode(Manifest(resource, numbers[2]))!, Protobuf, Protobuf);
        Assert.True(protobuf.Code == 201, protobuf.Text);
        // The same was asked for three times: nothing but names may differ.
        AssertSame(Comparable(json.Json), Comparable((JsonObject)Parse(yaml.Body)!));
        AssertSame(Comparable(json.Json), Comparable(ProtobufCodec.Decode(protobuf.Body, null).Object!));
        var again = await SendAsync(HttpMethod.Post, collection, JsonCodec.Encode(Manifest(resource, numbers[0])), Json, Json);
        Assert.Equal((409, "AlreadyExists"), (again.Code, again.Reason));
        return json;
    }

    private async Task ReadInEveryFormatAsync(string collection, string path, JsonObject made)
    {
        Assert.Equal(made.ToJsonString(), (await server.GetAsync(path)).Json.ToJsonString());
        AssertSame(made, (JsonObject)Parse((await server.GetAsync(path, Yaml)).Body)!);
        // Without the status: protobuf has no way to say null, as a status without metrics does.
        var decoded = ProtobufCodec.Decode((await server.GetAsync(path, Protobuf)).Body, null).Object!;
        decoded.Remove("status");
        if (made["status"] is { } status) { decoded["status"] = status.DeepClone(); }
        AssertSame(made, decoded);
        var list = await server.GetAsync(collection);
        Assert.Contains(made["metadata"]!["uid"]!.ToString(), list.Text, StringComparison.Ordinal);
        Assert.Equal(made["kind"] + "List", list["kind"]);
        Assert.NotNull(ProtobufCodec.Decode((await server.GetAsync(collection, Protobuf)).Body, null).Object!["items"]);
        var table = (await server.GetAsync(collection, "application/json;as=Table;v=v1;g=meta.k8s.io")).Json;
        Assert.All(table["rows"]!.AsArray(), row => Assert.Equal(table["columnDefinitions"]!.AsArray().Count, row!["cells"]!.AsArray().Count));
        var partial = await server.GetAsync(collection, "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
        Assert.Equal(("PartialObjectMetadataList", "PartialObjectMetadata"), (partial["kind"], partial["items.0.kind"]));
    }

    private async Task PutAndPatchAsync(ResourceInfo resource, string path)
    {
        var current = (await server.GetAsync(path)).Json;
        var same = await server.UpdateAsync(path, current.ToJsonString());
        Assert.Equal((200, current["metadata"]!["resourceVersion"]!.ToString()), (same.Code, same["metadata.resourceVersion"]));
        current["metadata"]!["labels"] = new JsonObject { ["walk"] = "put" };
        Assert.Equal("put", Assert200(await server.UpdateAsync(path, current.ToJsonString()))["metadata.labels.walk"]);
        current["metadata"]!.AsObject().Remove("resourceVersion");
        current["metadata"]!["labels"] = new JsonObject { ["walk"] = "blindly" };
        var blindly = await server.UpdateAsync(path, current.ToJsonString());
        Assert.Equal(KindRules.UpdatesNameTheirVersion(resource) ? (422, "metadata.resourceVersion") : (200, ""), (blindly.Code, blindly["details.causes.0.field"]));
        current["metadata"]!["resourceVersion"] = "1";
        Assert.Equal((409, "Conflict"), await server.UpdateAsync(path, current.ToJsonString()) is var stale ? (stale.Code, stale.Reason) : default);
        const string labels = """{"metadata":{"labels":{"walk":"merged"}}}""";
        Assert.Equal("merged", Assert200(await server.PatchAsync(path, labels))["metadata.labels.walk"]);
        Assert.Equal("strategic", Assert200(await server.PatchAsync(path, labels.Replace("merged", "strategic", StringComparison.Ordinal), "strategic-merge-patch+json"))["metadata.labels.walk"]);
        Assert.Equal("patched", Assert200(await server.PatchAsync(path, """[{"op":"replace","path":"/metadata/labels/walk","value":"patched"}]""", "json-patch+json"))["metadata.labels.walk"]);
        var configuration = $$$"""{"apiVersion":"{{{resource.ApiVersion}}}","kind":"{{{resource.Kind}}}","metadata":{"name":"{{{current["metadata"]!["name"]}}}","labels":{"walk":"applied"} } }""";
        var applied = Assert200(await server.PatchAsync($"{path}?fieldManager=walk&force=true", configuration, "apply-patch+yaml"));
        Assert.Equal("applied", applied["metadata.labels.walk"]);
        Assert.Contains(applied.Json["metadata"]!["managedFields"]!.AsArray(), entry => entry!["manager"]!.ToString() == "walk" && entry["operation"]!.ToString() == "Apply");
    }

    private async Task StatusAsync(ResourceInfo resource, string path)
    {
        if (resource.Subresource("status") is null) { return; }
        var before = (await server.GetAsync(path)).Json;
        Assert.Equal(resource.Kind, Assert200(await server.GetAsync($"{path}/status"))["kind"]);
        // Labels may be written with the status; what is wanted may not.
        var after = Assert200(await server.PatchAsync($"{path}/status", """{"metadata":{"annotations":{"walk":"status"}}}""")).Json;
        Assert.Equal(before["spec"]?.ToJsonString(), after["spec"]?.ToJsonString());
    }

    private async Task DeleteAsync(ResourceInfo resource, string collection, string path)
    {
        Assert200(await server.DeleteAsync(path, """{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0}"""));
        if (resource.Kind == "Namespace") { return; } // emptied by its controller, which does not run here
        await ReleaseAsync(path);
        Assert.Equal((404, "NotFound"), await server.GetAsync(path) is var gone ? (gone.Code, gone.Reason) : default);
        Assert200(await server.DeleteAsync(collection + "?labelSelector=walk-none"));
        var rest = await server.GetAsync($"{collection}?fieldSelector=metadata.name={Manifest(resource, numbers[1])["metadata"]!["name"]}");
        Assert.Single(rest.Json["items"]!.AsArray());
        Assert200(await server.DeleteAsync($"{collection}?fieldSelector=metadata.name={Manifest(resource, numbers[1])["metadata"]!["name"]}"));
        Assert200(await server.DeleteAsync($"{collection}/{Manifest(resource, numbers[2])["metadata"]!["name"]}"));
        foreach (var number in numbers[1..]) { await ReleaseAsync($"{collection}/{Manifest(resource, number)["metadata"]!["name"]}"); }
    }

    /// <summary>What a protection finalizer holds is let go as its controller would.</summary>
    private Task ReleaseAsync(string path) => Eventually.TrueAsync(
        async () => (await server.PatchAsync(path, """{"metadata":{"finalizers":null}}""")).Code == 404, $"{path} is gone");

    private static JsonObject Manifest(ResourceInfo resource, int number)
    {
        var manifest = manifests.SingleOrDefault(one => one!["apiVersion"]!.ToString() == resource.ApiVersion && one["kind"]!.ToString() == resource.Kind);
        Assert.True(manifest is not null, $"manifests.yaml has no {resource.ApiVersion} {resource.Kind}");
        var name = $"{resource.Version}-walk-{number}";
        return JsonNode.Parse(manifest.ToJsonString().Replace("NAME", name, StringComparison.Ordinal).Replace("NUMBER", $"{number}", StringComparison.Ordinal))!.AsObject();
    }

    private async Task<Reply> SendAsync(HttpMethod method, string path, byte[] body, string contentType, string accept)
    {
        using var request = new HttpRequestMessage(method, path) { Version = System.Net.HttpVersion.Version20, Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await server.Admin.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), [], response.Content.Headers.ContentType?.ToString());
    }

    private static Reply Assert200(Reply reply)
    {
        Assert.True(reply.Code == 200, $"{reply.Code}: {Encoding.UTF8.GetString(reply.Body)}");
        return reply;
    }

    /// <summary>Without what belongs to one object alone.</summary>
    private static JsonObject Comparable(JsonObject obj)
    {
        var copy = JsonNode.Parse(obj.ToJsonString().Replace(obj["metadata"]!["uid"]!.ToString(), "UID", StringComparison.Ordinal))!.AsObject();
        foreach (var name in (string[])["uid", "creationTimestamp", "resourceVersion", "managedFields"]) { copy["metadata"]!.AsObject().Remove(name); }
        copy.Remove("status");
        (copy["spec"] as JsonObject)?.Remove("clusterIP");
        (copy["spec"] as JsonObject)?.Remove("clusterIPs");
        var text = copy.ToJsonString();
        foreach (var number in numbers) { text = text.Replace($"{number}", "NUMBER", StringComparison.Ordinal); }
        return JsonNode.Parse(text)!.AsObject();
    }

    private static JsonNode Parse(byte[] yaml)
    {
        Assert.True(YamlCodec.TryParse(yaml, out var node, out var error), error);
        return node!;
    }

    /// <summary>The order of fields means nothing.</summary>
    private static void AssertSame(JsonNode expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"expected {expected.ToJsonString()}\nactual   {actual.ToJsonString()}");
}
