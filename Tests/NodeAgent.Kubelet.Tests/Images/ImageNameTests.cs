using System.Text;
using Flotilla.NodeAgent.Kubelet.Images;

namespace Flotilla.NodeAgent.Kubelet.Tests.Images;

public sealed class ImageNameTests
{
    [Theory]
    [InlineData("nginx", "nginx:latest")]
    [InlineData("nginx:1.27", "nginx:1.27")]
    [InlineData("localhost:5000/team/app", "localhost:5000/team/app:latest")]
    [InlineData("app@sha256:00", "app@sha256:00")]
    public void The_default_tag_is_latest(string name, string expected) => Assert.Equal(expected, ImageName.WithTag(name));

    [Theory]
    [InlineData("nginx", "docker.io")]
    [InlineData("team/app", "docker.io")]
    [InlineData("ghcr.io/team/app:1", "ghcr.io")]
    [InlineData("localhost:5000/app", "localhost:5000")]
    public void The_registry_is_a_first_part_that_looks_like_a_host(string name, string expected) => Assert.Equal(expected, ImageName.Registry(name));

    [Theory]
    [InlineData("", false)]
    [InlineData("NGINX", false)]
    [InlineData("a b", false)]
    [InlineData("nginx:1.27", true)]
    public void Malformed_names_are_found(string name, bool valid) => Assert.Equal(valid, ImageName.IsValid(name));

    [Fact]
    public void Pull_secrets_are_read_in_both_forms()
    {
        const string config = """{"auths":{"https://index.docker.io/v1/":{"auth":"dXNlcjpwYXNz"},"ghcr.io":{"username":"u","password":"p"}}}""";
        var found = PullSecrets.Read(new Dictionary<string, byte[]> { [".dockerconfigjson"] = Encoding.UTF8.GetBytes(config) });
        Assert.Equal(
            [("index.docker.io", "user", "pass"), ("ghcr.io", "u", "p")],
            found.Select(entry => (entry.Registry, entry.Credentials.Username, entry.Credentials.Password)));
    }
}
