using Flotilla.NodeAgent.Runtime.Cri;
using Flotilla.NodeAgent.Runtime.Simulated;

namespace Flotilla.NodeAgent.Runtime.Tests.Simulated;

public sealed class SimulationRulesTests
{
    private static readonly SimulationRules Rules = SimulationRules.Parse("""
        [ {"namespace": "batch", "labels": {"app": "report"}, "startDelay": 1, "startJitter": 0.5, "runFor": 30, "runJitter": 10, "exitCode": 3},
          {"labels": {"app": "flaky"}, "failureRate": 0.25, "failAfter": 5},
          {"startDelay": 0.2, "startJitter": 0} ]
        """u8);

    [Theory]
    [InlineData("batch", "report", 1)]
    [InlineData("default", "report", 0.2)]
    [InlineData("batch", "flaky", 0.05)]
    [InlineData("default", "web", 0.2)]
    public void The_first_rule_that_fits_counts(string ns, string app, double startDelay) => Assert.Equal(startDelay, Rules.For(Pod(ns, app)).StartDelay);

    [Fact]
    public void Jitter_is_spread_between_nothing_and_its_bound()
    {
        var (rule, random) = (Rules.For(Pod("batch", "report")), new Random(1));
        var starts = Enumerable.Range(0, 1000).Select(_ => rule.Start(random).TotalSeconds).ToList();
        Assert.InRange(starts.Min(), 1, 1.05);
        Assert.InRange(starts.Max(), 1.45, 1.5);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.InRange(rule.End(random)!.Value.After.TotalSeconds, 30, 40));
        Assert.Equal(3, rule.End(random)!.Value.ExitCode);
    }

    [Fact]
    public void As_many_fail_as_the_rate_says()
    {
        var (rule, random) = (Rules.For(Pod("default", "flaky")), new Random(1));
        var failures = Enumerable.Range(0, 10_000).Count(_ => rule.End(random) is { ExitCode: 1, After.TotalSeconds: 5 });
        Assert.InRange(failures, 2300, 2700);
    }

    [Theory, InlineData("{}"), InlineData("""[{"startDelays": 1}]"""), InlineData("nothing")]
    public void What_is_no_list_of_rules_is_refused(string json) => Assert.Throws<FormatException>(() => SimulationRules.Parse(System.Text.Encoding.UTF8.GetBytes(json)));

    private static PodSandboxConfig Pod(string ns, string app) => new() { Metadata = new() { Namespace = ns }, Labels = { ["app"] = app } };
}
