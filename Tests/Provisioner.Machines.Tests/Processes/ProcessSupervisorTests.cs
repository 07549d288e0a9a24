using Flotilla.Provisioner.Machines.Cgroups;
using Flotilla.Provisioner.Machines.Processes;

namespace Flotilla.Provisioner.Machines.Tests.Processes;

public sealed class ProcessSupervisorTests : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("machines-").FullName;
    private readonly CgroupTree cgroups = new();
    private readonly ProcessSupervisor supervisor;
    private readonly string cgroup = $"/flotilla-test-{Environment.ProcessId}/{Guid.NewGuid():N}";

    public ProcessSupervisorTests() => supervisor = new(cgroups, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await cgroups.RemoveAsync(cgroup, TimeProvider.System, CancellationToken.None);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_running_process_is_adopted_by_another_supervisor()
    {
        var started = await supervisor.EnsureAsync(Launch("sleep", "600"), CancellationToken.None);
        var adopted = await new ProcessSupervisor(cgroups, TimeProvider.System).EnsureAsync(Launch("sleep", "600"), CancellationToken.None);
        Assert.Equal(started, adopted);
        Assert.Contains(started.Pid, cgroups.Members(cgroup));
    }

    [Fact]
    public async Task A_stopped_process_is_gone_and_a_new_one_is_started()
    {
        var first = await supervisor.EnsureAsync(Launch("sleep", "600"), CancellationToken.None);
        await supervisor.StopAsync(Launch().RecordFile, TimeSpan.FromSeconds(5), CancellationToken.None);
        Assert.False(ProcFs.IsRunning(first));
        Assert.NotEqual(first, await supervisor.EnsureAsync(Launch("sleep", "600"), CancellationToken.None));
    }

    [Fact]
    public async Task A_process_that_ignores_the_request_to_end_is_killed()
    {
        var stubborn = await supervisor.EnsureAsync(Launch("/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"), CancellationToken.None);
        await supervisor.StopAsync(Launch().RecordFile, TimeSpan.FromMilliseconds(100), CancellationToken.None);
        Assert.False(ProcFs.IsRunning(stubborn));
    }

    [Fact]
    public async Task A_pid_that_now_belongs_to_another_process_is_not_adopted()
    {
        var launch = Launch("sleep", "600");
        File.WriteAllText(launch.RecordFile, $$"""{"pid":{{Environment.ProcessId}},"startTicks":1}""");
        Assert.NotEqual(Environment.ProcessId, (await supervisor.EnsureAsync(launch, CancellationToken.None)).Pid);
    }

    [Fact]
    public async Task Removing_a_cgroup_ends_children_that_left_their_parent()
    {
        await supervisor.EnsureAsync(Launch("/bin/sh", "-c", "setsid sleep 600 & setsid sleep 600 & sleep 600"), CancellationToken.None);
        while (cgroups.Members(cgroup).Count < 3) { await Task.Delay(10); }
        await cgroups.RemoveAsync(cgroup, TimeProvider.System, CancellationToken.None);
        Assert.Empty(cgroups.Members(cgroup));
    }

    private ProcessLaunch Launch(params string[] command) =>
        new(Path.Combine(directory, "p.json"), Path.Combine(directory, "p.log"), cgroup, command);
}
