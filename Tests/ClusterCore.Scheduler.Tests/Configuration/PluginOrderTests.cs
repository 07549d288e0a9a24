using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Tests.Configuration;

public sealed class PluginOrderTests
{
    [Fact]
    public void By_default_every_plugin_is_on_with_its_weight()
    {
        var profile = Build(new());
        Assert.Equal(
            "TaintToleration 3, NodeAffinity 2, NodeResourcesFit 1, PodTopologySpread 2, InterPodAffinity 2, NodeResourcesBalancedAllocation 1, ImageLocality 1",
            Scores(profile));
        Assert.Equal(["DynamicResources", "DefaultPreemption"], profile.PostFilters.Select(plugin => plugin.Name));
    }

    [Fact]
    public void What_is_disabled_everywhere_is_nowhere()
    {
        var profile = Build(new() { MultiPoint = new() { Disabled = [new("TaintToleration")] } });
        Assert.DoesNotContain(profile.Filters, plugin => plugin.Name == "TaintToleration");
        Assert.DoesNotContain("TaintToleration", Scores(profile), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_disabled_at_one_point_stays_at_the_others()
    {
        var profile = Build(new() { Score = new() { Disabled = [new("TaintToleration")] } });
        Assert.Contains(profile.Filters, plugin => plugin.Name == "TaintToleration");
        Assert.DoesNotContain("TaintToleration", Scores(profile), StringComparison.Ordinal);
    }

    [Fact]
    public void A_star_leaves_what_is_enabled_beside_it() => Assert.Equal(
        "NodeResourcesFit 5", Scores(Build(new() { Score = new() { Disabled = [new("*")], Enabled = [new("NodeResourcesFit", 5)] } })));

    [Fact]
    public void A_plugin_named_at_a_point_comes_first_there_with_its_weight() => Assert.StartsWith(
        "ImageLocality 9, TaintToleration 3", Scores(Build(new() { Score = new() { Enabled = [new("ImageLocality", 9)] } })), StringComparison.Ordinal);

    [Fact]
    public void A_weight_for_all_points_keeps_the_place() => Assert.StartsWith(
        "TaintToleration 3, NodeAffinity 8, NodeResourcesFit 1",
        Scores(Build(new() { MultiPoint = new() { Enabled = [new("NodeAffinity", 8)] } })), StringComparison.Ordinal);

    [Fact]
    public void A_plugin_named_twice_is_refused()
    {
        var sets = new PluginSets { Filter = new() { Enabled = [new("NodePorts"), new("NodePorts")] } };
        Assert.Equal("plugin \"NodePorts\" already registered as \"Filter\"", Assert.Throws<SchedulerConfigurationException>(() => Build(sets)).Message);
    }

    private static Profile Build(PluginSets sets) => new Stage(new() { Plugins = sets }).Profile;

    private static string Scores(Profile profile) => string.Join(", ", profile.Scores.Select(one => $"{one.Plugin.Name} {one.Weight}"));
}
