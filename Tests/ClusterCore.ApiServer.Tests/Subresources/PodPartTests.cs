namespace Flotilla.ClusterCore.ApiServer.Tests.Subresources;

[Collection(ServerCollection.Name)]
public sealed class PodPartTests(RunningServer server)
{
    [Theory]
    [InlineData("ephemeralcontainers", """{"spec":{"ephemeralContainers":[{"name":"shell","image":"x"}]}}""")]
    [InlineData("resize", """{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"20m"}}}]}}""")]
    public async Task What_is_wanted_through_a_subresource_is_a_new_generation(string subresource, string change)
    {
        var pod = $"/api/v1/namespaces/default/pods/parts-{subresource}";
        await server.CreateAsync(
            "/api/v1/namespaces/default/pods", $$$$"""{"metadata":{"name":"parts-{{{{subresource}}}}"},"spec":{"containers":[{"name":"c","image":"x","resources":{"requests":{"cpu":"10m"}}}]}}""");
        Assert.Equal("2", (await server.PatchAsync($"{pod}/{subresource}", change))["metadata.generation"]);
        Assert.Equal("2", (await server.PatchAsync($"{pod}/{subresource}", """{"metadata":{"labels":{"a":"b"}}}"""))["metadata.generation"]);
    }
}
