using Flotilla.Provisioner.Machines.Processes;

namespace Flotilla.Provisioner.Machines.Tests.Processes;

public sealed class ProcFsTests
{
    private const string Tail = "1 7 7 0 -1 4194304 100 0 0 0 1 2 0 0 20 0 1 0 123456 1000 50 18446744073709551615";

    [Theory, InlineData("sleep"), InlineData("a b"), InlineData("evil) R 1 2 3 (x")]
    public void The_start_time_is_read_whatever_the_command_is_called(string command) =>
        Assert.Equal(123456, ProcFs.ParseStartTicks($"42 ({command}) S {Tail}"));

    [Fact]
    public void A_zombie_does_not_run() => Assert.Null(ProcFs.ParseStartTicks($"42 (sleep) Z {Tail}"));
}
