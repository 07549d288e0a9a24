using System.IO.Compression;

namespace Flotilla.ClusterCore.ApiServer.Tests.Pipeline;

/// <summary>Answers of more than 128 KiB are compressed for those who say that they take it.</summary>
[Collection(ServerCollection.Name)]
public sealed class CompressionTests(RunningServer server) : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/compressed/configmaps";

    public async ValueTask InitializeAsync()
    {
        await server.CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"compressed"}}""");
        await server.CreateAsync(Maps, $$$"""{"metadata":{"name":"large"},"data":{"a":"{{{new string('x', 200_000)}}}"}}""");
        await server.CreateAsync(Maps, """{"metadata":{"name":"small"},"data":{"a":"x"}}""");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("large", "gzip", true), InlineData("large", "deflate, gzip, br", true), InlineData("", "gzip", true), InlineData("large", " gzip ,identity", true)]
    [InlineData("large", null, false), InlineData("large", "gzip;q=0", false), InlineData("large", "deflate, gzip;q=0", false), InlineData("large", "br", false)]
    [InlineData("large", "identity", false), InlineData("large", "xgzip", false), InlineData("small", "gzip", false), InlineData("missing", "gzip", false)]
    public async Task An_answer_is_compressed_when_it_is_long_and_its_reader_takes_that(string name, string? accepted, bool isCompressed)
    {
        foreach (var type in (string[])["application/json", "application/vnd.kubernetes.protobuf", "application/yaml"])
        {
            var (path, plain) = ($"{Maps}/{name}".TrimEnd('/'), await server.GetAsync($"{Maps}/{name}".TrimEnd('/'), type));
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept", type);
            if (accepted is not null) { request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted); }
            using var response = await server.Admin.SendAsync(request);
            Assert.Equal(isCompressed ? ["gzip"] : [], response.Content.Headers.ContentEncoding);
            Assert.Equal(isCompressed ? ["Accept-Encoding"] : [], response.Headers.Vary);
            Assert.Equal(plain.ContentType, response.Content.Headers.ContentType!.ToString());
            await using var body = await response.Content.ReadAsStreamAsync();
            await using var decoded = isCompressed ? new GZipStream(body, CompressionMode.Decompress) : body;
            using var whole = new MemoryStream();
            await decoded.CopyToAsync(whole);
            Assert.Equal(plain.Body, whole.ToArray());
        }
    }

    [Fact]
    public async Task A_watch_is_not_compressed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Maps}?watch=1&timeoutSeconds=1");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
        using var response = await server.Admin.SendAsync(request);
        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.Contains("\"large\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
