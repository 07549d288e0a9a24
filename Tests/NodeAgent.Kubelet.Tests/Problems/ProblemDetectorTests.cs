using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Problems;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.NodeAgent.Kubelet.Tests.Problems;

public sealed class ProblemDetectorTests : IDisposable
{
    private readonly FakeApi api = new();
    private readonly EventRecorder recorder;
    private readonly CancellationTokenSource stopping = new();

    public ProblemDetectorTests()
    {
        recorder = new(api.Client(), "kubelet", TimeProvider.System, NullLogger.Instance);
        _ = recorder.RunAsync(stopping.Token);
    }

    [Theory]
    [InlineData("Killed process 4231 (tail) total-vm:12kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB", "OOMKilling")]
    [InlineData("INFO: task java:4711 blocked for more than 120 seconds.", "TaskHung")]
    [InlineData("EXT4-fs error (device sda1): ext4_find_entry:1455: inode #2: comm sh: reading directory lblock 0", "Ext4Error")]
    public async Task What_passes_becomes_an_event(string line, string reason)
    {
        var detector = Detector(ProblemRules.Default());
        Assert.False(detector.Take(ProblemRules.Default()[0], line));
        await Eventually.TrueAsync(() => api.List(Kinds.Events).Any(happened => happened.Reason == reason && happened.Message == line && happened.Type == "Warning"), "an event");
        Assert.All(detector.Conditions, condition => Assert.Equal("False", condition.Status));
    }

    [Fact]
    public async Task What_is_killed_in_another_nodes_cgroup_is_not_told_here()
    {
        var detector = Detector(ProblemRules.Default());
        foreach (var (cgroup, process) in (ReadOnlySpan<(string, int)>)[("/flotilla/other/kubepods/pod1", 7), ("/flotilla/node/kubepods/pod1", 8)])
        {
            detector.Take(ProblemRules.Default()[0], $"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=a,mems_allowed=0,oom_memcg={cgroup},task_memcg={cgroup}/main,task=tail,pid={process},uid=0");
            detector.Take(ProblemRules.Default()[0], $"Memory cgroup out of memory: Killed process {process} (tail) total-vm:12kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB");
        }

        await Eventually.TrueAsync(() => api.List(Kinds.Events).Length > 0, "an event");
        Assert.StartsWith("Memory cgroup out of memory: Killed process 8 ", Assert.Single(api.List(Kinds.Events)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_out_of_memory_is_told_of_in_the_kubelets_words_and_a_cgroup_is_not()
    {
        var detector = Detector(ProblemRules.Default());
        detector.Take(ProblemRules.Default()[0], "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=a,mems_allowed=0,oom_memcg=/kubepods,task_memcg=/kubepods/pod1,task=tail,pid=7,uid=0");
        detector.Take(ProblemRules.Default()[0], "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/user,task=java,pid=4711,uid=0");
        await Eventually.TrueAsync(() => api.List(Kinds.Events).Any(happened => happened is { Reason: "SystemOOM", Type: "Warning" }), "an event");
        Assert.Equal("System OOM encountered, victim process: java, pid: 4711", Assert.Single(api.List(Kinds.Events)).Message);
    }

    [Theory]
    [InlineData("task containerd:812 blocked for more than 120 seconds.", "KernelDeadlock", "RuntimeTaskHung")]
    [InlineData("EXT4-fs (sda1): Remounting filesystem read-only", "ReadonlyFilesystem", "FilesystemIsReadOnly")]
    public void What_stays_becomes_a_condition(string line, string type, string reason)
    {
        var detector = Detector(ProblemRules.Default());
        Assert.True(detector.Take(ProblemRules.Default()[0], line));
        Assert.False(detector.Take(ProblemRules.Default()[0], line));
        Assert.Equal(("True", reason, line), detector.Conditions.Where(condition => condition.Type == type).Select(condition => (condition.Status, condition.Reason, condition.Message)).Single());
    }

    [Fact]
    public async Task A_file_is_followed_from_its_end_and_over_its_replacement()
    {
        var log = Path.GetTempFileName();
        var rules = Path.GetTempFileName();
        await File.WriteAllTextAsync(log, "machine check: everything is as it should be\n");
        await File.WriteAllTextAsync(rules, $$"""
            [{"plugin": "filelog", "logPath": "{{log}}", "conditions": [{"type": "BadDisk", "reason": "DiskIsGood", "message": "disk is good"}],
              "rules": [{"type": "permanent", "condition": "BadDisk", "reason": "DiskFailed", "pattern": "disk .* failed"}, {"type": "temporary", "reason": "MachineCheck", "pattern": "machine check"}]}]
            """);
        var clock = new ManualClock();
        var detector = Detector(ProblemRules.Load(rules), clock);
        var running = detector.RunAsync(() => { }, stopping.Token);
        // Longer than the one before, and unfinished at first.
        await File.WriteAllTextAsync($"{log}.new", "a line that nobody looks for, and another one after it\ndisk sdb ");
        File.Move($"{log}.new", log, overwrite: true);
        clock.Advance(TimeSpan.FromSeconds(2));
        await File.AppendAllTextAsync(log, "failed\n");
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(2));
                return detector.Conditions.Single() is { Status: "True", Message: "disk sdb failed" };
            },
            "the condition");
        Assert.DoesNotContain(api.List(Kinds.Events), happened => happened.Reason == "MachineCheck");
        await File.WriteAllTextAsync(log, "machine check: cut\n");
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(2));
                return api.List(Kinds.Events).Any(happened => happened is { Reason: "MachineCheck", Message: "machine check: cut" });
            },
            "the event");
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        File.Delete(log);
        File.Delete(rules);
    }

    [Theory]
    [InlineData("""[{"rules": [{"type": "permanent", "condition": "Unknown", "reason": "R", "pattern": "p"}]}]""", "condition Unknown")]
    [InlineData("""[{"rules": [{"type": "temporary", "reason": "R", "pattern": "("}]}]""", "Invalid pattern")]
    [InlineData("nothing", "invalid")]
    public void A_file_of_rules_that_is_wrong_says_what(string json, string message)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, json);
        Assert.Contains(message, Assert.Throws<FormatException>(() => ProblemRules.Load(file)).Message, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Theory]
    [InlineData("", "", "")]
    [InlineData("/var/log/journal", "kubelet", " --directory=/var/log/journal --identifier=kubelet")]
    public void A_journal_is_the_machines_own_unless_a_folder_is_named(string path, string source, string further)
    {
        var log = new ProblemRules { Plugin = "journald", LogPath = path };
        if (source.Length > 0) { log.PluginConfig["source"] = source; }
        Assert.Equal($"--follow --output=cat --since=-90s --no-pager{further}", string.Join(' ', ProblemLog.JournalArguments(log, TimeSpan.FromSeconds(90))));
    }

    [Theory]
    [InlineData("6,339,5140900,-;eth0: link up\n SUBSYSTEM=net", 0, "eth0: link up")]
    [InlineData("3,12,99000000,-;old news", 100, null)]
    public void A_record_of_the_kernel_is_its_text(string record, double notBefore, string? text) => Assert.Equal(text, KernelLog.Text(record, notBefore));

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
        api.Dispose();
    }

    private ProblemDetector Detector(IReadOnlyList<ProblemRules> rules, TimeProvider? clock = null) =>
        new(rules, "/flotilla/node", new NodeEvents(recorder, "node-0"), clock ?? TimeProvider.System, NullLogger.Instance);
}
