using System.Diagnostics;
using Flotilla.ClusterCore.Client;
using Flotilla.NodeAgent.Kubelet.Tests.Containerd;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Problems;

/// <summary>The machine's real logs, written while a kubelet watches them.</summary>
public sealed class MachineLogTests(NodeFixture node)
{
    private readonly string mark = Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task What_the_kernel_says_becomes_a_condition_and_an_event()
    {
        await using var machine = await WatchingAsync("""{"plugin": "kmsg",""");
        await File.WriteAllTextAsync("/dev/kmsg", $"<3>flotilla-test {mark}: slow");
        await File.WriteAllTextAsync("/dev/kmsg", $"<3>flotilla-test {mark}: broken");
        await ToldAsync(machine);
    }

    [Fact]
    public async Task What_a_service_writes_to_the_journal_becomes_a_condition_and_an_event()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-journal-").FullName;
        // A journald of its own, which the machine's does not hear of: its sockets are in a /run of its own. It ends with the test.
        using var journald = Process.Start(new ProcessStartInfo("unshare", ["--mount", "sh", "-c", $"""
            mount -t tmpfs run /run && mkdir -p /run/systemd/journal /run/log/journal && mount --bind {folder} /run/log/journal
            /lib/systemd/systemd-journald & pid=$!
            while [ ! -S /run/systemd/journal/stdout ]; do sleep 0.1; done
            while read -r source text; do systemd-cat -t $source echo "$text"; done
            kill $pid; wait
            """]) { RedirectStandardInput = true, UseShellExecute = false })!;
        await using var machine = await WatchingAsync($$"""{"plugin": "journald", "logPath": "{{folder}}", "pluginConfig": {"source": "dockerd"},""");
        await journald.StandardInput.WriteLineAsync($"other flotilla-test {mark}: unrelated and slow");
        await journald.StandardInput.WriteLineAsync($"dockerd flotilla-test {mark}: slow");
        await journald.StandardInput.WriteLineAsync($"dockerd flotilla-test {mark}: broken");
        await journald.StandardInput.FlushAsync();
        await ToldAsync(machine);
        Assert.DoesNotContain(node.Api.List(Kinds.Events), happened => happened.Message!.Contains($"{mark}: unrelated", StringComparison.Ordinal));
        journald.StandardInput.Close();
        await journald.WaitForExitAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<RunningKubelet> WatchingAsync(string log)
    {
        var rules = Path.GetTempFileName();
        await File.WriteAllTextAsync(rules, $$"""
            [{{log}} "lookback": "1m", "conditions": [{"type": "PumpBroken", "reason": "PumpIsGood", "message": "the pump is good"}], "rules": [
              {"type": "temporary", "reason": "PumpSlow", "pattern": "flotilla-test {{mark}}: (unrelated and )?slow"},
              {"type": "permanent", "condition": "PumpBroken", "reason": "PumpFailed", "pattern": "flotilla-test {{mark}}: broken"}]}]
            """);
        var machine = await node.StartAsync(options => options with { ProblemRulesFile = rules });
        await ConditionAsync(machine, "False", "PumpIsGood", "the pump is good");
        File.Delete(rules);
        return machine;
    }

    private async Task ToldAsync(RunningKubelet machine)
    {
        await ConditionAsync(machine, "True", "PumpFailed", $"flotilla-test {mark}: broken");
        await node.EventAsync(machine.Name, "PumpSlow", $"flotilla-test {mark}: slow");
        await node.EventAsync(machine.Name, "PumpFailed", "Node condition PumpBroken is now: True, reason: PumpFailed, message: ");
    }

    private Task ConditionAsync(RunningKubelet machine, string status, string reason, string message) => Eventually.TrueAsync(
        () => node.Api.Get(Kinds.Nodes, null, machine.Name)?.Status.Conditions?.Any(condition => (condition.Type, condition.Status, condition.Reason, condition.Message) == ("PumpBroken", status, reason, message)) == true,
        $"PumpBroken={status}",
        TimeSpan.FromSeconds(60));
}
