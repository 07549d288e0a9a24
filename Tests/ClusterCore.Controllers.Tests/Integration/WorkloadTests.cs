using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

public sealed class WorkloadTests(ControlPlane cluster)
{
    [Fact]
    public async Task A_deployment_runs_rolls_and_scales()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Deployments, ns, Manifests.Deployment("web", 3, "nginx:1"));
        await DeploymentIs(ns, "web", status => status is { AvailableReplicas: 3, UpdatedReplicas: 3, Replicas: 3 });

        await cluster.MergeAsync(Kinds.Deployments, ns, "web", """{"spec":{"template":{"metadata":{"labels":{"version":"2"}}}}}""");
        await Eventually.TrueAsync(
            async () =>
            {
                var sets = await cluster.ListAsync(Kinds.ReplicaSets, ns);
                return sets.Count == 2 && sets.Single(set => set.Spec.Template!.ToNode()["metadata"]!["labels"]!["version"] is not null)
                    .Status.AvailableReplicas == 3 && sets.Sum(set => set.Spec.Replicas) == 3;
            },
            "the new template has taken over");
        var deployment = await cluster.GetAsync(Kinds.Deployments, ns, "web");
        Assert.Equal("2", deployment!.Metadata.Annotations!["deployment.kubernetes.io/revision"]);

        await cluster.MergeAsync(Kinds.Deployments, ns, "web", """{"spec":{"replicas":1}}""");
        await Eventually.TrueAsync(async () => (await cluster.ListAsync(Kinds.Pods, ns)).Count == 1, "one pod is left");
    }

    [Fact]
    public async Task A_deleted_pod_is_replaced()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Deployments, ns, Manifests.Deployment("web", 2, "nginx:1"));
        await DeploymentIs(ns, "web", status => status.AvailableReplicas == 2);
        var victim = (await cluster.ListAsync(Kinds.Pods, ns))[0];
        await cluster.Client.DeleteAsync(Kinds.Pods, ns, victim.Metadata.Name, CancellationToken.None);
        await Eventually.TrueAsync(
            async () =>
            {
                var pods = await cluster.ListAsync(Kinds.Pods, ns);
                return pods.Count == 2 && pods.All(pod => pod.Metadata.Uid != victim.Metadata.Uid && pod.Status.Phase == "Running");
            },
            "another pod runs in its place");
    }

    [Fact]
    public async Task A_replication_controller_keeps_its_pods()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.ReplicationControllers, ns, $$"""{"metadata":{"name":"old"},"spec":{"replicas":2,"selector":{"app":"old"},"template":{{Template("old", "Always")}} } }""");
        await PodsAreAsync(2);
        await cluster.Client.DeleteAsync(Kinds.Pods, ns, (await cluster.ListAsync(Kinds.Pods, ns))[0].Metadata.Name, CancellationToken.None);
        await PodsAreAsync(2);
        await cluster.MergeAsync(Kinds.ReplicationControllers, ns, "old", """{"spec":{"replicas":1}}""");
        await PodsAreAsync(1);

        Task PodsAreAsync(int count) => Eventually.TrueAsync(
            async () => (await cluster.GetAsync(Kinds.ReplicationControllers, ns, "old"))!.Status.ReadyReplicas == count
                && (await cluster.ListAsync(Kinds.Pods, ns)).Count(pod => pod.Status.Phase == "Running" && pod.Metadata.DeletionTimestamp is null) == count,
            $"{count} run");
    }

    [Fact]
    public async Task Pods_that_lose_their_owner_are_adopted_again()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Deployments, ns, Manifests.Deployment("web", 1, "nginx:1"));
        await cluster.CreateAsync(Kinds.StatefulSets, ns, Manifests.StatefulSet("db", 1));
        await cluster.CreateAsync(Kinds.DaemonSets, ns, $$"""{"metadata":{"name":"each"},"spec":{"selector":{"matchLabels":{"app":"each"} },"template":{{Template("each", "Always")}} } }""");
        await cluster.CreateAsync(Kinds.Jobs, ns, $$"""{"metadata":{"name":"once"},"spec":{"template":{{Template("once", "Never")}} } }""");
        foreach (var kind in (string[])["ReplicaSet", "StatefulSet", "DaemonSet", "Job"])
        {
            Pod? pod = null;
            await Eventually.TrueAsync(async () => (pod = (await cluster.ListAsync(Kinds.Pods, ns)).FirstOrDefault(one => one.ControllerOwner()?.Kind == kind)) is not null, $"the {kind} has a pod");
            await cluster.MergeAsync(Kinds.Pods, ns, pod!.Metadata.Name, """{"metadata":{"ownerReferences":null}}""");
            await Eventually.TrueAsync(async () => (await cluster.GetAsync(Kinds.Pods, ns, pod.Metadata.Name))?.ControllerOwner()?.Uid == pod.ControllerOwner()!.Uid, $"the {kind} has its pod back");
        }
    }

    private static string Template(string app, string restartPolicy) =>
        $$$"""{"metadata":{"labels":{"app":"{{{app}}}"}},"spec":{"restartPolicy":"{{{restartPolicy}}}","containers":[{"name":"main","image":"nginx:1","command":["sleep","1000000"]}]}}""";

    [Fact]
    public async Task A_service_has_endpoints_and_slices_of_its_ready_pods()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Services, ns, """{"metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}}""");
        await cluster.CreateAsync(Kinds.Deployments, ns, Manifests.Deployment("web", 2, "nginx:1"));
        await Eventually.TrueAsync(
            async () =>
            {
                var slices = await cluster.ListAsync(Kinds.EndpointSlices, ns);
                var endpoints = await cluster.GetAsync(Kinds.Endpoints, ns, "web");
                return slices.Sum(slice => slice.Endpoints?.Count(endpoint => endpoint.Conditions?.Ready == true)) == 2
                    && endpoints?.Subsets is [{ Addresses.Length: 2 }];
            },
            "both pods are behind the service");
    }

    [Fact]
    public async Task A_stateful_set_runs_in_order_with_claims()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.StatefulSets, ns, Manifests.StatefulSet("db", 3));
        await Eventually.TrueAsync(
            async () => (await cluster.GetAsync(Kinds.StatefulSets, ns, "db"))?.Status is { AvailableReplicas: 3 }, "three pods are available");
        var pods = await cluster.ListAsync(Kinds.Pods, ns);
        Assert.Equal(["db-0", "db-1", "db-2"], pods.Select(pod => pod.Metadata.Name).Order());
        var claims = await cluster.ListAsync(Kinds.PersistentVolumeClaims, ns);
        Assert.Equal(3, claims.Count(claim => claim.Status.Phase == "Bound"));

        await cluster.MergeAsync(Kinds.StatefulSets, ns, "db", """{"spec":{"replicas":1}}""");
        await Eventually.TrueAsync(
            async () => (await cluster.ListAsync(Kinds.Pods, ns)) is [{ Metadata.Name: "db-0" }], "only the first pod is left");
        Assert.Equal(3, (await cluster.ListAsync(Kinds.PersistentVolumeClaims, ns)).Count);
    }

    [Fact]
    public async Task A_job_counts_each_pod_once_and_completes()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Jobs, ns, Manifests.Job("work", completions: 5, end: "Succeeded"));
        await Eventually.TrueAsync(
            async () => (await cluster.GetAsync(Kinds.Jobs, ns, "work"))?.Status.Conditions?.Any(condition => condition is { Type: "Complete", Status: "True" }) == true,
            "the job is complete");
        var job = await cluster.GetAsync(Kinds.Jobs, ns, "work");
        Assert.Equal((5, "0-4"), (job!.Status.Succeeded, job.Status.CompletedIndexes));
        await Eventually.TrueAsync(
            async () => (await cluster.ListAsync(Kinds.Pods, ns)).All(pod => pod.Metadata.Finalizers is not { Length: > 0 }),
            "no pod is held any longer");
    }

    [Fact]
    public async Task A_job_that_only_fails_gives_up()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.Jobs, ns, Manifests.Job("work", completions: 1, end: "Failed", backoffLimit: 0));
        await Eventually.TrueAsync(
            async () => (await cluster.GetAsync(Kinds.Jobs, ns, "work"))?.Status.Conditions?.Any(condition => condition is { Type: "Failed", Reason: "BackoffLimitExceeded" }) == true,
            "the job has failed");
        Assert.Single(await cluster.ListAsync(Kinds.Pods, ns));
    }

    [Fact]
    public async Task A_daemon_runs_on_the_node()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.DaemonSets, ns, Manifests.DaemonSet("agent"));
        await Eventually.TrueAsync(
            async () => (await cluster.GetAsync(Kinds.DaemonSets, ns, "agent"))?.Status is { NumberReady: 1, DesiredNumberScheduled: 1 }, "it is ready");
    }

    private Task DeploymentIs(string ns, string name, Func<DeploymentStatus, bool> isSo) => Eventually.TrueAsync(
        async () => (await cluster.GetAsync(Kinds.Deployments, ns, name)) is { } found && isSo(found.Status), $"deployment {name} is as wanted");
}
