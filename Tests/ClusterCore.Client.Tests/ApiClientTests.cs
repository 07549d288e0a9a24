using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;

namespace Flotilla.ClusterCore.Client.Tests;

public sealed class ApiClientTests
{
    private readonly FakeApi api = new();

    [Fact]
    public async Task Refusals_are_values()
    {
        using var client = api.Client();
        var missing = await client.GetAsync(Kinds.Pods, "default", "none", CancellationToken.None);
        Assert.True(missing.IsNotFound);
        await client.CreateAsync(Kinds.ConfigMaps, Map(), CancellationToken.None);
        Assert.True((await client.CreateAsync(Kinds.ConfigMaps, Map(), CancellationToken.None)).AlreadyExists);
    }

    [Fact]
    public async Task A_failing_server_throws_with_its_status()
    {
        using var client = api.Client();
        api.On(HttpMethod.Get, "/pods/", () => FakeApi.Refuse(500, "InternalError", "storage is down"));
        var thrown = await Assert.ThrowsAsync<ApiException>(() => client.GetAsync(Kinds.Pods, "default", "a", CancellationToken.None));
        Assert.Equal("storage is down", thrown.Status.Message);
    }

    [Fact]
    public async Task What_is_written_reads_back_the_same()
    {
        using var client = api.Client();
        var pod = A.Pod("web-0", node: "node-0", ready: true);
        api.Put(Kinds.Pods, pod);
        var read = (await client.GetAsync(Kinds.Pods, "default", "web-0", CancellationToken.None)).OrThrow();
        Assert.Equal("64Mi", read.Spec.Containers![0].Resources!.Requests!["memory"]);
        Assert.Equal(A.Noon, read.Metadata.CreationTimestamp);
        Assert.Equal(("True", A.Noon), (read.Status.Conditions![0].Status, read.Status.Conditions[0].LastTransitionTime));
    }

    [Theory]
    [InlineData("25%", 10, true, 3)]
    [InlineData("25%", 10, false, 2)]
    [InlineData("3", 10, false, null)]
    public void Percentages_round_as_asked(string text, int total, bool up, int? expected) =>
        Assert.Equal(expected, new IntOrString(text).Scale(total, up));

    private static ConfigMap Map() => new() { Metadata = new() { Namespace = "default", Name = "settings" } };
}
