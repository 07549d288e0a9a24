using System.Net;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containers;

public sealed class LogLinksTests : IDisposable
{
    private const string Id = "4c1b6d3f8a8e4c1b6d3f8a8e4c1b6d3f8a8e4c1b6d3f8a8e4c1b6d3f8a8e4c1b";

    private readonly string home = Directory.CreateTempSubdirectory("links-").FullName;

    private KubeletOptions Options => new() { NodeName = "node-0", NodeIp = IPAddress.Loopback, RootDirectory = home, LogDirectory = Path.Combine(home, "pods") };

    public void Dispose() => Directory.Delete(home, recursive: true);

    [Fact]
    public void Collectors_read_pod_namespace_container_and_id_from_the_name() =>
        Assert.Equal($"web-0_default_main-{Id}.log", LogLinks.Name(A.Pod(), "main", Id));

    [Fact]
    public void A_name_too_long_for_a_file_loses_the_end_of_the_id()
    {
        var name = LogLinks.Name(A.Pod(new string('p', 150), ns: new string('n', 60)), "main", Id);
        Assert.Equal(255, name.Length);
        Assert.StartsWith($"{new string('p', 150)}_{new string('n', 60)}_main-4c1b6d", name, StringComparison.Ordinal);
        Assert.EndsWith(".log", name, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_is_not_there_has_no_link()
    {
        LogLinks.Create(Options, A.Pod(), "main", Id, Path.Combine(home, "pods", "0.log"));
        Assert.False(Directory.Exists(Options.LogLinkDirectory));
    }

    [Fact]
    public void A_link_dangles_when_its_log_is_gone()
    {
        var (kept, lost) = (Log("kept"), Log("lost"));
        LogLinks.Create(Options, A.Pod("kept"), "main", Id, kept);
        LogLinks.Create(Options, A.Pod("lost"), "main", Id, lost);
        Assert.Empty(LogLinks.Dangling(Options));
        File.Delete(lost);
        Assert.Equal([(Path.Combine(home, "containers", $"lost_default_main-{Id}.log"), Id)], LogLinks.Dangling(Options));
    }

    private string Log(string pod)
    {
        var path = Path.Combine(home, "pods", pod, "main", "0.log");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
        return path;
    }
}
