using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Quotas;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Quotas;

public sealed class QuotaPlanTests
{
    [Theory]
    [InlineData("pods", "2")]
    [InlineData("count/pods", "3")]
    [InlineData("requests.cpu", "200m")]
    [InlineData("cpu", "200m")]
    [InlineData("requests.memory", "128Mi")]
    [InlineData("limits.cpu", "0")]
    [InlineData("services", "1")]
    [InlineData("services.nodeports", "0")]
    [InlineData("requests.storage", "2Gi")]
    [InlineData("local.storageclass.storage.k8s.io/persistentvolumeclaims", "1")]
    [InlineData("count/deployments.apps", "7")]
    public void Use_is_counted_by_name(string resource, string expected)
    {
        var usage = new NamespaceUsage(
            [A.Pod("a"), A.Pod("b"), A.Pod("done", phase: "Succeeded")],
            [A.Service()],
            [new() { Spec = new() { StorageClassName = "local", Resources = new() { Requests = A.Labels("storage", "2Gi") } } }],
            new Dictionary<string, int> { ["count/deployments.apps"] = 7 });
        var quota = new ResourceQuota { Spec = new() { Hard = A.Labels(resource, "100") } };
        Assert.Equal(expected, QuotaPlan.Compute(quota, usage, A.Noon).Used![resource]);
    }

    [Fact]
    public void A_pod_takes_the_most_that_it_needs_at_one_time()
    {
        var pod = A.Pod("a", cpu: "1");
        pod.Spec.InitContainers =
        [
            A.Container("sidecar", cpu: "500m") with { RestartPolicy = "Always" },
            A.Container("setup", cpu: "2"),
        ];
        Assert.Equal("2500m", PodUsage.Of(pod, A.Noon)["requests.cpu"].ToString());
    }

    [Theory]
    [InlineData("BestEffort", 1)]
    [InlineData("NotBestEffort", 1)]
    [InlineData("Terminating", 0)]
    [InlineData("NotTerminating", 2)]
    public void A_scope_limits_a_quota_to_its_pods(string scope, int expected)
    {
        var bare = A.Pod("bare");
        bare.Spec.Containers![0].Resources = null;
        var quota = new ResourceQuota { Spec = new() { Hard = A.Labels("pods", "10"), Scopes = [scope] } };
        var used = QuotaPlan.Compute(quota, new([A.Pod("a"), bare], [], [], new Dictionary<string, int>()), A.Noon).Used!["pods"];
        Assert.Equal($"{expected}", used);
    }
}
