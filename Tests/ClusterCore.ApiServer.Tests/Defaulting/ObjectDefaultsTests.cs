using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Defaulting;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tests.Defaulting;

public sealed class ObjectDefaultsTests
{
    public static TheoryData<string> Cases() => [.. GoldenCase.Names("Cases")];

    [Theory, MemberData(nameof(Cases))]
    public void Objects_get_the_defaults_of_their_kind(string name)
    {
        var golden = GoldenCase.Read("Cases", name);
        var (resource, obj) = GoldenCase.Decode(golden.Object("given")!);
        ObjectDefaults.Apply(resource, obj);
        var expected = golden.Object("expected")!;
        (expected["apiVersion"], expected["kind"]) = (obj["apiVersion"]!.DeepClone(), obj["kind"]!.DeepClone());
        Assert.Equal(Show(expected), Show(obj));

        // Defaulting what has its defaults changes nothing.
        var again = (JsonObject)obj.DeepClone();
        ObjectDefaults.Apply(resource, again);
        Assert.Equal(Show(obj), Show(again));
    }

    [Theory]
    [InlineData("nginx", "Always"), InlineData("nginx:latest", "Always"), InlineData("nginx:1.2", "IfNotPresent"), InlineData("", "IfNotPresent")]
    [InlineData("Nginx", "IfNotPresent"), InlineData("Host/nginx", "Always"), InlineData("localhost/a/b__c", "Always"), InlineData("a_-b", "IfNotPresent")]
    [InlineData("host:5000/nginx", "Always"), InlineData("host:5000/nginx:1", "IfNotPresent"), InlineData("nginx@sha256:0123", "IfNotPresent")]
    public void The_pull_policy_follows_the_tag(string image, string expected) => Assert.Equal(expected, ContainerDefaults.PullPolicy(image));

    private static string Show(JsonObject obj) => Encoding.UTF8.GetString(YamlCodec.Encode(obj));
}
