using Flotilla.NodeAgent.Kubelet.Garbage;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Garbage;

public sealed class ImageGarbageTests
{
    private static readonly DateTimeOffset Now = A.Noon;

    private static readonly ImageAge[] Images =
    [
        new(new() { Id = "in-use", Size = 100 }, DateTimeOffset.MinValue, Now),
        new(new() { Id = "used-lately", Size = 300 }, DateTimeOffset.MinValue, Now.AddHours(-1)),
        new(new() { Id = "pinned", Size = 900, Pinned = true }, DateTimeOffset.MinValue, DateTimeOffset.MinValue),
        new(new() { Id = "used-long-ago", Size = 200 }, DateTimeOffset.MinValue, Now.AddDays(-1)),
        new(new() { Id = "never-used", Size = 50 }, Now.AddDays(-2), DateTimeOffset.MinValue),
        new(new() { Id = "just-come", Size = 50 }, Now.AddMinutes(-1), DateTimeOffset.MinValue),
    ];

    [Theory]
    [InlineData(0, "")]
    [InlineData(50, "never-used")]
    [InlineData(51, "never-used used-long-ago")]
    [InlineData(9999, "never-used used-long-ago used-lately")]
    public void Unused_images_go_by_their_last_use_until_there_is_room(long bytes, string expected) =>
        Assert.Equal(expected, string.Join(' ', ImageGarbage.Choose(Images, Now, TimeSpan.FromMinutes(2), bytes).Select(image => image.Id)));
}
