namespace Flotilla.NodeAgent.Runtime.Tests;

public sealed class StopSignalTests
{
    [Theory]
    [InlineData("SIGHUP", 1)]
    [InlineData("SIGTERM", 15)]
    [InlineData("SIGWINCH", 28)]
    [InlineData("SIGSYS", 31)]
    [InlineData("SIGPOLL", 29)]
    [InlineData("SIGRTMIN", 34)]
    [InlineData("SIGRTMIN+15", 49)]
    [InlineData("SIGRTMAX-14", 50)]
    [InlineData("SIGRTMAX", 64)]
    [InlineData("SIGRTMAX-99", null)]
    [InlineData("SIGNONE", null)]
    [InlineData("SIG", null)]
    [InlineData("TERM", null)]
    public void A_signal_has_its_number(string name, int? number) => Assert.Equal(number, StopSignal.Number(name));
}
