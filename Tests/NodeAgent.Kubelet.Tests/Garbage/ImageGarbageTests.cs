using Flotilla.NodeAgent.Kubelet.Garbage;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Tests.Garbage;

public sealed class ImageGarbageTests
{
    private static readonly Image[] Images =
    [
        new() { Id = "sha256:1", RepoTags = { "app:1" }, Size = 100 },
        new() { Id = "sha256:2", RepoTags = { "app:2" }, Size = 300 },
        new() { Id = "sha256:3", RepoTags = { "pause:1" }, Size = 900, Pinned = true },
        new() { Id = "sha256:4", Size = 200 },
    ];

    [Theory]
    [InlineData(0, "")]
    [InlineData(250, "sha256:2")]
    [InlineData(350, "sha256:2 sha256:4")]
    [InlineData(9999, "sha256:2 sha256:4")]
    public void Unused_images_go_largest_first_until_there_is_room(long bytes, string expected) =>
        Assert.Equal(expected, string.Join(' ', ImageGarbage.Choose(Images, new HashSet<string> { "app:1" }, bytes).Select(image => image.Id)));
}
