using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Provisioner.Alerts.Rules;
using Flotilla.TestKit;

namespace Flotilla.Provisioner.Alerts.Tests.Rules;

public sealed class DeploymentRulesTests
{
    [Theory]
    [InlineData(-1, "")]
    [InlineData(0, "new-app")]
    [InlineData(60, "new-app")]
    public void An_app_is_new_when_it_was_made_after_the_watch_began(int createdAfterSeconds, string rules)
    {
        var deployment = Deployment();
        deployment.Metadata.CreationTimestamp = A.Noon.AddSeconds(createdAfterSeconds);

        Assert.Equal(rules, RulesOf(deployment, A.Noon.AddMilliseconds(300)));
    }

    [Fact]
    public void A_rollout_is_deployed_when_every_replica_is_new_and_available()
    {
        Assert.Equal("new-app", RulesOf(Deployment(updated: 3, available: 2)));
        Assert.Equal("new-app", RulesOf(Deployment(updated: 2, available: 2)));
        Assert.Equal("new-app", RulesOf(Deployment(updated: 3, available: 3, old: 1)));
        Assert.Equal("new-app", RulesOf(Deployment(updated: 3, available: 3, observed: 1)));
        Assert.Equal("new-app deployed", RulesOf(Deployment(updated: 3, available: 3)));
    }

    [Fact]
    public void A_rollout_of_before_the_watch_is_not_news_but_the_next_one_is()
    {
        var deployment = Deployment(updated: 3, available: 3);
        var later = A.Noon.AddHours(1);
        Assert.Equal("", RulesOf(deployment, later));

        deployment.Status.Conditions![0].LastUpdateTime = later.AddMinutes(1);
        Assert.Equal("deployed", RulesOf(deployment, later));
    }

    [Fact]
    public void Scaling_deploys_nothing_new()
    {
        var before = Keys(Deployment(updated: 3, available: 3));
        var scaled = Deployment(updated: 5, available: 5, replicas: 5);
        scaled.Metadata.Generation = 7;
        scaled.Status.ObservedGeneration = 7;

        Assert.Equal(before, Keys(scaled));
    }

    [Fact]
    public void A_rollout_that_misses_its_deadline_is_told()
    {
        var deployment = Deployment(updated: 1, available: 0);
        deployment.Status.Conditions![0] = deployment.Status.Conditions[0] with { Status = "False", Reason = "ProgressDeadlineExceeded" };

        Assert.Equal("new-app rollout-stuck", RulesOf(deployment));
    }

    [Fact]
    public void What_kubernetes_runs_itself_is_no_app()
    {
        var deployment = Deployment(updated: 3, available: 3);
        deployment.Metadata.Namespace = "kube-system";

        Assert.Equal("", RulesOf(deployment));
    }

    private static Deployment Deployment(int updated = 0, int available = 0, int old = 0, int observed = 2, int replicas = 3) => new()
    {
        Metadata = A.Meta("web") with
        {
            Generation = 2,
            Annotations = A.Labels("deployment.kubernetes.io/revision", "4"),
        },
        Spec = new() { Replicas = replicas },
        Status = new()
        {
            ObservedGeneration = observed,
            Replicas = updated + old,
            UpdatedReplicas = updated,
            AvailableReplicas = available,
            Conditions = [new() { Type = "Progressing", Status = "True", LastUpdateTime = A.Noon }],
        },
    };

    private static string RulesOf(Deployment deployment, DateTimeOffset? since = null) =>
        string.Join(' ', DeploymentRules.Evaluate(deployment, since ?? A.Noon).Select(news => news.Rule));

    private static IEnumerable<string> Keys(Deployment deployment) => [.. DeploymentRules.Evaluate(deployment, A.Noon).Select(news => news.Key)];
}
