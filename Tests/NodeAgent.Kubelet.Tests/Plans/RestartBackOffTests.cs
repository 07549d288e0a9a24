using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Plans;

public sealed class RestartBackOffTests
{
    [Fact]
    public void Waits_double_from_ten_seconds_to_five_minutes()
    {
        var now = A.Noon;
        BackOffEntry? entry = null;
        var waits = new List<double>();
        for (var crash = 0; crash < 7; crash++)
        {
            waits.Add(RestartBackOff.Delay(entry, now).TotalSeconds);
            entry = RestartBackOff.Next(entry, now, now);
            now += entry.Value.Delay;
        }

        Assert.Equal([0, 10, 20, 40, 80, 160, 300], waits);
    }

    [Fact]
    public void Ten_good_minutes_are_forgiven()
    {
        var entry = new BackOffEntry(RestartBackOff.Longest, A.Noon);
        Assert.Equal(RestartBackOff.Longest, RestartBackOff.Delay(entry, A.Noon.AddMinutes(10)));
        Assert.Equal(TimeSpan.Zero, RestartBackOff.Delay(entry, A.Noon.AddMinutes(10.1)));
    }
}
