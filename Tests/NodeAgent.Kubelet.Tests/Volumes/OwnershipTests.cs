using Flotilla.NodeAgent.Kubelet.Volumes;

namespace Flotilla.NodeAgent.Kubelet.Tests.Volumes;

public sealed class OwnershipTests : IDisposable
{
    private const int Group = 2000;

    private readonly string outside = Path.GetTempFileName();
    private readonly string directory = Directory.CreateTempSubdirectory("flotilla-volume-").FullName;
    private readonly string file;

    public OwnershipTests()
    {
        file = Path.Combine(Directory.CreateDirectory(Path.Combine(directory, "deep"), Mode("700")).FullName, "file");
        File.WriteAllText(file, "");
        File.SetUnixFileMode(file, Mode("600"));
        File.CreateSymbolicLink(Path.Combine(directory, "link"), outside);
    }

    [Theory]
    [InlineData(false, "2770", "660")]
    [InlineData(true, "2750", "640")]
    public void A_group_is_given_all_that_is_in_a_volume_and_nothing_else(bool readOnly, string folders, string files)
    {
        Ownership.Share(directory, Group, readOnly, policy: null);
        Assert.Equal([(Mode(folders), Group), (Mode(folders), Group), (Mode(files), Group)], ((string[])[directory, Path.GetDirectoryName(file)!, file]).Select(Of));
        Assert.NotEqual(Group, Of(outside).Group);
    }

    [Theory]
    [InlineData("OnRootMismatch", "600")]
    [InlineData("Always", "660")]
    public void A_volume_that_is_the_groups_already_is_left_alone_where_the_pod_says_so(string policy, string after)
    {
        Ownership.Share(directory, Group, readOnly: false, policy);
        File.SetUnixFileMode(file, Mode("600"));
        Ownership.Share(directory, Group, readOnly: false, policy);
        Assert.Equal(Mode(after), Of(file).Mode);
    }

    public void Dispose()
    {
        Directory.Delete(directory, recursive: true);
        File.Delete(outside);
    }

    private static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);

    private static (UnixFileMode Mode, int Group) Of(string path) => (File.GetUnixFileMode(path), (int)FileStatus.Of(path)!.Value.Group);
}
