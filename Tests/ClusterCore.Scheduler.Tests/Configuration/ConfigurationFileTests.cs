using System.Text;
using Flotilla.ClusterCore.Scheduler.Configuration;

namespace Flotilla.ClusterCore.Scheduler.Tests.Configuration;

public sealed class ConfigurationFileTests
{
    private const string Head = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";

    [Fact]
    public void What_is_not_said_has_the_defaults_of_kube_scheduler()
    {
        var configuration = Parse("");
        Assert.Equal((1L, 10L, null), (configuration.PodInitialBackoffSeconds, configuration.PodMaxBackoffSeconds, configuration.PercentageOfNodesToScore));
        Assert.Equal("default-scheduler", Assert.Single(configuration.Profiles).SchedulerName);
        Assert.Equal((TimeSpan.FromSeconds(15), "kube-scheduler"), (configuration.LeaderElection.LeaseDuration, configuration.LeaderElection.ResourceName));
    }

    [Fact]
    public void Everything_that_is_said_is_taken()
    {
        var configuration = Parse("""
            percentageOfNodesToScore: 30
            podInitialBackoffSeconds: 2
            podMaxBackoffSeconds: 20
            leaderElection: {leaseDuration: 20s, renewDeadline: 15s, retryPeriod: 500ms, resourceName: second}
            profiles:
            - schedulerName: packer
              percentageOfNodesToScore: 50
              pluginConfig:
              - name: NodeResourcesFit
                args:
                  apiVersion: kubescheduler.config.k8s.io/v1
                  kind: NodeResourcesFitArgs
                  ignoredResourceGroups: [example.com]
                  scoringStrategy:
                    type: RequestedToCapacityRatio
                    resources: [{name: cpu, weight: 3}, {name: example.com/gpu}]
                    requestedToCapacityRatio: {shape: [{utilization: 0, score: 0}, {utilization: 100, score: 10}]}
              - name: InterPodAffinity
                args: {hardPodAffinityWeight: 7, ignorePreferredTermsOfExistingPods: true}
            - schedulerName: spreader
              pluginConfig:
              - name: PodTopologySpread
                args: {defaultingType: List, defaultConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]}
            """);
        Assert.Equal((30, 2L, 20L), (configuration.PercentageOfNodesToScore, configuration.PodInitialBackoffSeconds, configuration.PodMaxBackoffSeconds));
        Assert.Equal((TimeSpan.FromMilliseconds(500), "second"), (configuration.LeaderElection.RetryPeriod, configuration.LeaderElection.ResourceName));
        var (packer, spreader) = (configuration.Profiles[0], configuration.Profiles[1]);
        Assert.Equal(50, packer.PercentageOfNodesToScore);
        Assert.Equal([new("cpu", 3), new("example.com/gpu", 1)], packer.Arguments.NodeResourcesFit.ScoringStrategy.Resources);
        Assert.Equal((7, true), (packer.Arguments.InterPodAffinity.HardPodAffinityWeight, packer.Arguments.InterPodAffinity.IgnorePreferredTermsOfExistingPods));
        Assert.Equal("zone", Assert.Single(spreader.Arguments.PodTopologySpread.DefaultConstraints).TopologyKey);
    }

    [Theory]
    [InlineData("colour: red", "strict decoding error: unknown field \"colour\"")]
    [InlineData("profiles: [{plugins: {score: {enable: []}}}]", "strict decoding error: unknown field \"profiles[0].plugins.score.enable\"")]
    [InlineData("profiles: [{pluginConfig: [{name: InterPodAffinity, args: {weight: 1}}]}]",
        "strict decoding error: unknown field \"profiles[0].pluginConfig[0].args.weight\"")]
    [InlineData("profiles: [{pluginConfig: [{name: Magic}]}]", "profiles[0].pluginConfig[0]: plugin \"Magic\" does not exist")]
    [InlineData("profiles: [{plugins: {filter: {enabled: [{name: Magic}]}}}]", "profiles[0].plugins: Filter plugin \"Magic\" does not exist")]
    [InlineData("profiles: [{plugins: {filter: {enabled: [{name: ImageLocality}]}}}]",
        "profiles[0].plugins: plugin \"ImageLocality\" does not extend Filter plugin")]
    [InlineData("profiles: [{plugins: {multiPoint: {disabled: [{name: DefaultBinder}]}}}]",
        "profiles[0].plugins: at least one bind plugin is needed for profile with scheduler name \"default-scheduler\"")]
    [InlineData("profiles: [{plugins: {queueSort: {disabled: [{name: \"*\"}]}}}]",
        "profiles[0].plugins: exactly one queue sort plugin required for profile with scheduler name \"default-scheduler\", but got 0")]
    [InlineData("profiles: [{schedulerName: a}, {schedulerName: a}]", "profiles[1].schedulerName: Duplicate value: \"a\"")]
    [InlineData("percentageOfNodesToScore: 101", "percentageOfNodesToScore: Invalid value: 101: not in valid range [0, 100]")]
    [InlineData("podInitialBackoffSeconds: 5\npodMaxBackoffSeconds: 4",
        "podMaxBackoffSeconds: Invalid value: 4: must be greater than or equal to PodInitialBackoffSeconds")]
    [InlineData("profiles: [{pluginConfig: [{name: InterPodAffinity, args: {hardPodAffinityWeight: 101}}]}]",
        "profiles[0].pluginConfig[0].args.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]")]
    [InlineData("profiles: [{pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: Random}}}]}]",
        "profiles[0].pluginConfig[0].args.scoringStrategy.type: Unsupported value: \"Random\": supported values: \"LeastAllocated\", \"MostAllocated\", \"RequestedToCapacityRatio\"")]
    [InlineData("profiles: [{pluginConfig: [{name: InterPodAffinity, args: {kind: NodeAffinityArgs}}]}]",
        "profiles[0].pluginConfig[0].args: Invalid value: \"NodeAffinityArgs\": has to match plugin args: InterPodAffinityArgs")]
    [InlineData("podMaxBackoffSeconds: 5\npodMaxBackoffSeconds: 6", "strict decoding error: yaml: unmarshal errors:\n  line 4: key \"podMaxBackoffSeconds\" already set in map")]
    [InlineData("extenders: [{urlPrefix: http://a}]", "extenders: Invalid value: 1: not supported: use a scheduler of your own")]
    public void What_is_wrong_is_said_with_its_field(string yaml, string problem) =>
        Assert.Equal(problem, Assert.Throws<SchedulerConfigurationException>(() => Parse(yaml)).Message);

    [Fact]
    public void Another_kind_is_refused()
    {
        var exception = Assert.Throws<SchedulerConfigurationException>(() => ConfigurationFile.Parse("apiVersion: v1\nkind: Pod"u8));
        Assert.StartsWith("no kind \"Pod\" is registered for version \"v1\"", exception.Message, StringComparison.Ordinal);
    }

    private static KubeSchedulerConfiguration Parse(string yaml) => ConfigurationFile.Parse(Encoding.UTF8.GetBytes(Head + yaml));
}
