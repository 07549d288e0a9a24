using Flotilla.NodeAgent.Kubelet.Nodes;

namespace Flotilla.NodeAgent.Kubelet.Tests.Nodes;

/// <summary>Simulated nodes measure the disk of a root directory that nobody made.</summary>
public sealed class FileSystemTests
{
    [Fact]
    public void A_path_that_is_not_there_counts_to_the_folder_it_would_be_made_in()
    {
        var folder = Path.GetTempPath();
        var (made, missing) = (FileSystem.Of(folder), FileSystem.Of(Path.Combine(folder, $"missing-{Guid.NewGuid():N}", "node")));
        Assert.True(missing.Capacity > 0);
        Assert.Equal((made.Capacity, made.Inodes), (missing.Capacity, missing.Inodes));
    }

    [Fact]
    public void A_path_below_a_file_is_an_error() =>
        Assert.Throws<IOException>(() => FileSystem.Of(Path.Combine(typeof(FileSystemTests).Assembly.Location, "node")));
}
