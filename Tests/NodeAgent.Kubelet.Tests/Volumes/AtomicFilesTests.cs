using System.Text;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Volumes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Volumes;

public sealed class AtomicFilesTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("flotilla-volume-").FullName;
    private readonly ManualClock clock = new();

    [Fact]
    public void Files_are_read_through_links_that_switch_together()
    {
        Write(("a", "1"), ("sub/b", "2"));
        Assert.Equal("..data/a", new FileInfo(Path.Combine(directory, "a")).LinkTarget);
        var first = new FileInfo(Path.Combine(directory, "..data")).LinkTarget;
        clock.Advance(TimeSpan.FromSeconds(1));
        Write(("a", "new"), ("sub/b", "2"));
        Assert.Equal("new", File.ReadAllText(Path.Combine(directory, "a")));
        Assert.NotEqual(first, new FileInfo(Path.Combine(directory, "..data")).LinkTarget);
        Assert.False(Directory.Exists(Path.Combine(directory, first!)));
    }

    [Fact]
    public void The_same_files_are_left_alone()
    {
        Write(("a", "1"));
        var first = new FileInfo(Path.Combine(directory, "..data")).LinkTarget;
        clock.Advance(TimeSpan.FromSeconds(1));
        Write(("a", "1"));
        Assert.Equal(first, new FileInfo(Path.Combine(directory, "..data")).LinkTarget);
    }

    [Fact]
    public void A_file_that_is_gone_loses_its_link()
    {
        Write(("a", "1"), ("b", "2"));
        clock.Advance(TimeSpan.FromSeconds(1));
        Write(("a", "1"));
        Assert.False(Path.Exists(Path.Combine(directory, "b")));
    }

    [Theory]
    [InlineData("../out")]
    [InlineData("/etc")]
    [InlineData("link/file")]
    public void A_sub_path_may_not_leave_its_volume(string subPath)
    {
        File.CreateSymbolicLink(Path.Combine(directory, "link"), "/etc");
        Assert.Throws<ContainerConfigException>(() => SubPaths.Resolve(directory, subPath));
    }

    [Fact]
    public void A_sub_path_is_made_when_it_is_missing() => Assert.True(Directory.Exists(SubPaths.Resolve(directory, "a/b")));

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private void Write(params (string Path, string Content)[] files) => new AtomicFiles(directory, clock, null).Write(
        [.. files.Select(file => new VolumeFile(file.Path, Encoding.UTF8.GetBytes(file.Content), 0b110_100_100))]);
}
