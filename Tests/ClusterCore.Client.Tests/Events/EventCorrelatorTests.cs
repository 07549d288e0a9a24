using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Client.Tests.Events;

public sealed class EventCorrelatorTests
{
    private readonly ManualClock clock = new();

    [Fact]
    public void The_same_event_again_only_counts()
    {
        var correlator = new EventCorrelator(clock);
        var first = correlator.Correlate(Event("a", "pulled"))!;
        var second = correlator.Correlate(Event("b", "pulled"))!;
        Assert.Equal((1, 2), (first.Count, second.Count));
        Assert.Equal(first.Metadata.Name, second.Metadata.Name);
    }

    [Fact]
    public void Many_different_messages_become_one()
    {
        var correlator = new EventCorrelator(clock);
        var last = Enumerable.Range(0, 15).Select(i => correlator.Correlate(Event($"e{i}", $"message {i}"))!).ToList()[^1];
        Assert.StartsWith("(combined from similar events): message 14", last.Message);
        Assert.Equal(6, last.Count);
    }

    [Fact]
    public void An_object_is_heard_twenty_five_times_at_once_then_once_in_five_minutes()
    {
        var correlator = new EventCorrelator(clock);
        Assert.Equal(25, Enumerable.Range(0, 100).Count(i => correlator.Correlate(Event($"e{i}", "again")) is not null));
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.NotNull(correlator.Correlate(Event("later", "again")));
        Assert.Null(correlator.Correlate(Event("later", "again")));
    }

    [Fact]
    public void However_much_goes_well_a_warning_is_heard()
    {
        var correlator = new EventCorrelator(clock);
        foreach (var i in Enumerable.Range(0, 100)) { correlator.Correlate(Event($"e{i}", "scaled")); }
        Assert.NotNull(correlator.Correlate(Event("w", "timed out") with { Type = "Warning" }));
    }

    private Event Event(string name, string message) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        InvolvedObject = new() { Kind = "Pod", Name = "web-0", Uid = "1" },
        Type = "Normal",
        Reason = "Pulled",
        Message = message,
        Count = 1,
        LastTimestamp = clock.GetUtcNow(),
    };
}
