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

    [Theory]
    [InlineData("ghcr.io", "ghcr.io/team/app:1", true)]
    [InlineData("ghcr.io", "ghcr.example.io/app", false)]
    [InlineData("ghcr.io/team", "ghcr.io/team/app", true)]
    [InlineData("ghcr.io/team", "ghcr.io/others/app", false)]
    [InlineData("index.docker.io", "nginx", true)]
    [InlineData("docker.io/team", "team/app", true)]
    [InlineData("docker.io/team", "nginx", false)]
    [InlineData("*.example.com", "registry.example.com/app", true)]
    [InlineData("*.example.com", "a.registry.example.com/app", false)]
    [InlineData("*.example.com", "example.com/app", false)]
    [InlineData("reg*.example.com:5000", "registry.example.com:5000/app", true)]
    [InlineData("*.example.com", "registry.example.com:5000/app", false)]
    public void A_pull_secret_is_for_the_registries_that_it_names(string registry, string image, bool matches) => Assert.Equal(matches, PullSecrets.Matches(registry, image));

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
