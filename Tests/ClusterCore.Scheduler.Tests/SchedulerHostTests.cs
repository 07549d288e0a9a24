using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;

namespace Flotilla.ClusterCore.Scheduler.Tests;

/// <summary>The whole scheduler against an API in memory.</summary>
public sealed class SchedulerHostTests : IAsyncDisposable
{
    private readonly FakeApi api = new();
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    [Fact]
    public async Task A_waiting_pod_is_bound_and_the_user_is_told()
    {
        api.Put(Kinds.Nodes, A.Node("node-0"));
        api.Put(Kinds.Pods, A.Pod("web-0"));
        Start();
        await Eventually.TrueAsync(() => Writes("pods/web-0/binding").Length == 1, "the pod is bound");
        Assert.Contains("\"name\":\"node-0\"", Writes("pods/web-0/binding")[0].Body, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Events("Scheduled").Length == 1, "an event tells");
        Assert.Equal("Successfully assigned default/web-0 to node-0", Events("Scheduled")[0].Message);
    }

    [Fact]
    public async Task A_pod_without_a_node_says_why_and_is_bound_when_one_comes()
    {
        api.Put(Kinds.Nodes, A.Node("node-0", cpu: "1"));
        api.Put(Kinds.Pods, A.Pod("big", cpu: "2"));
        Start();
        const string message = "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
        await Eventually.TrueAsync(() => Condition("big")?.Message == message, "the condition says why");
        Assert.Equal(("False", "Unschedulable"), (Condition("big")!.Status, Condition("big")!.Reason));
        api.Put(Kinds.Nodes, A.Node("node-1", cpu: "4"));
        await Eventually.TrueAsync(() => Writes("pods/big/binding").Length == 1, "the pod is bound");
    }

    [Fact]
    public async Task A_refused_binding_is_tried_again()
    {
        api.Put(Kinds.Nodes, A.Node("node-0"));
        api.Put(Kinds.Pods, A.Pod("web-0"));
        api.On(HttpMethod.Post, "pods/web-0/binding", () => FakeApi.Refuse(409, "Conflict"));
        Start();
        await Eventually.TrueAsync(() => Writes("pods/web-0/binding").Length == 2, "the binding is tried again");
        await Eventually.TrueAsync(() => Condition("web-0") is not null, "the condition says why");
        Assert.Equal(("False", "SchedulerError"), (Condition("web-0")!.Status, Condition("web-0")!.Reason));
        Assert.StartsWith("running Bind plugin \"DefaultBinder\": ", Condition("web-0")!.Message, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => api.List(Kinds.Events).Any(told => told.Reason == "FailedScheduling" && told.Message == Condition("web-0")!.Message), "so does an event");
    }

    [Fact]
    public async Task However_many_wait_for_their_volumes_others_are_bound()
    {
        api.Put(Kinds.Nodes, A.Node("node-0", cpu: "100", memory: "100Gi"));
        api.Put(Kinds.StorageClasses, new StorageClass { Metadata = new() { Name = "late" }, Provisioner = "p", VolumeBindingMode = "WaitForFirstConsumer" });
        for (var i = 0; i < 100; i++)
        {
            api.Put(Kinds.PersistentVolumeClaims, new PersistentVolumeClaim { Metadata = A.Meta($"data-{i}"), Spec = new() { StorageClassName = "late" } });
            var pod = A.Pod($"claiming-{i}");
            pod.Spec!.Volumes = [new() { Name = "data", PersistentVolumeClaim = new() { ClaimName = $"data-{i}" } }];
            pod.Spec.Priority = 1000;
            api.Put(Kinds.Pods, pod);
        }

        Start();
        await Eventually.TrueAsync(
            () => Enumerable.Range(0, 100).All(i => api.Get(Kinds.Pods, "default", $"claiming-{i}")!.Status!.NominatedNodeName == "node-0"), "all are told where they will be");
        api.Put(Kinds.Pods, A.Pod("plain"));
        await Eventually.TrueAsync(() => Writes("pods/plain/binding").Length == 1, "the plain one is bound");
    }

    [Fact]
    public async Task Pods_of_other_schedulers_and_gated_pods_are_left_alone()
    {
        api.Put(Kinds.Nodes, A.Node("node-0"));
        var gated = A.Pod("gated");
        gated.Spec!.SchedulingGates = [new() { Name = "quota" }];
        var foreign = A.Pod("foreign");
        foreign.Spec!.SchedulerName = "other";
        api.Put(Kinds.Pods, gated, foreign, A.Pod("web-0"));
        Start();
        await Eventually.TrueAsync(() => Writes("pods/web-0/binding").Length == 1, "the ordinary pod is bound");
        Assert.Empty(Writes("pods/gated/binding"));
        Assert.Empty(Writes("pods/foreign/binding"));
        gated.Spec.SchedulingGates = null;
        gated.Metadata.ResourceVersion = "999";
        api.Put(Kinds.Pods, gated);
        await Eventually.TrueAsync(() => Writes("pods/gated/binding").Length == 1, "the pod is bound once its gate is gone");
    }

    [Fact]
    public async Task A_more_important_pod_takes_the_place_of_a_lesser_one()
    {
        api.Put(Kinds.Nodes, A.Node("node-0", cpu: "1"));
        var lesser = A.Pod("lesser", node: "node-0", phase: "Running", cpu: "800m");
        var greater = A.Pod("greater", cpu: "800m");
        greater.Spec!.Priority = 1000;
        api.Put(Kinds.Pods, lesser, greater);
        Start();
        await Eventually.TrueAsync(() => api.Get(Kinds.Pods, "default", "lesser") is null, "the victim is deleted");
        await Eventually.TrueAsync(() => Writes("pods/greater/binding").Length == 1, "the preemptor is bound");
        Assert.Equal("Preempted by pod uid-default-greater on node node-0", Assert.Single(Events("Preempted")).Message);
    }

    [Fact]
    public async Task While_a_volume_is_made_for_a_pod_others_are_told_where_it_will_be()
    {
        api.Put(Kinds.Nodes, A.Node("node-0"));
        api.Put(Kinds.StorageClasses, new StorageClass { Metadata = new() { Name = "late" }, Provisioner = "p", VolumeBindingMode = "WaitForFirstConsumer" });
        api.Put(Kinds.PersistentVolumeClaims, new PersistentVolumeClaim { Metadata = A.Meta("data"), Spec = new() { StorageClassName = "late" } });
        var pod = A.Pod("claiming");
        pod.Spec!.Volumes = [new() { Name = "data", PersistentVolumeClaim = new() { ClaimName = "data" } }];
        api.Put(Kinds.Pods, pod, A.Pod("plain"));
        Start();
        await Eventually.TrueAsync(() => api.Get(Kinds.Pods, "default", "claiming")!.Status!.NominatedNodeName == "node-0", "it is told");
        await Eventually.TrueAsync(() => Writes("pods/plain/binding").Length == 1, "the other is bound");
        Assert.Empty(Writes("pods/plain/status"));
        Assert.Empty(Writes("pods/claiming/binding"));
    }

    [Fact]
    public async Task A_claim_that_was_bound_lets_its_pod_be_bound()
    {
        PutClaiming();
        Start();
        await Eventually.TrueAsync(() => SelectedNode() == "node-0", "the provisioner is told where");
        Assert.Empty(Writes("pods/claiming/binding"));
        PutVolume("node-0");
        PutClaim(bound: true);
        await Eventually.TrueAsync(() => Writes("pods/claiming/binding").Length == 1, "the pod is bound");
    }

    [Fact]
    public async Task A_volume_that_cannot_be_made_there_takes_back_what_the_pod_was_told()
    {
        PutClaiming();
        Start();
        await Eventually.TrueAsync(() => SelectedNode() == "node-0", "the provisioner is told where");
        await Eventually.TrueAsync(() => api.Get(Kinds.Pods, "default", "claiming")!.Status!.NominatedNodeName == "node-0", "others are told where");
        PutClaim(bound: false);
        await FailedAsync("running PreBind plugin \"VolumeBinding\": binding volumes: provisioning failed for PVC \"data\"");
        // It may be made on the next attempt, there or elsewhere.
        await Eventually.TrueAsync(() => SelectedNode() == "node-0", "it is tried again");
    }

    [Fact]
    public async Task A_volume_that_was_made_elsewhere_is_no_use()
    {
        PutClaiming();
        Start();
        await Eventually.TrueAsync(() => SelectedNode() == "node-0", "the provisioner is told where");
        PutVolume("node-1");
        PutClaim(bound: true);
        await FailedAsync("running PreBind plugin \"VolumeBinding\": binding volumes: pv \"pv-1\" node affinity doesn't match node \"node-0\": no matching NodeSelectorTerms");
        Assert.Empty(Writes("pods/claiming/binding"));
    }

    [Fact]
    public async Task A_node_that_goes_meanwhile_is_waited_for_no_longer()
    {
        PutClaiming();
        Start();
        await Eventually.TrueAsync(() => SelectedNode() == "node-0", "the provisioner is told where");
        (await api.Client().DeleteAsync(Kinds.Nodes, null, "node-0", CancellationToken.None)).OrThrow();
        await FailedAsync("running PreBind plugin \"VolumeBinding\": binding volumes: failed to get node \"node-0\": node \"node-0\" not found");
    }

    [Fact]
    public async Task Who_waits_for_a_volume_gives_its_place_to_a_more_important_pod_and_lives()
    {
        PutClaiming();
        api.Put(Kinds.Nodes, A.Node("node-0", cpu: "1"));
        var claiming = Claiming("claiming", "data");
        claiming.Spec!.Containers = [A.Container(cpu: "800m")];
        api.Put(Kinds.Pods, claiming);
        Start();
        await Eventually.TrueAsync(() => SelectedNode() == "node-0", "the provisioner is told where");
        var greater = A.Pod("greater", cpu: "800m");
        greater.Spec!.Priority = 1000;
        api.Put(Kinds.Pods, greater);
        await Eventually.TrueAsync(() => Writes("pods/greater/binding").Length == 1, "the greater one is bound");
        await Eventually.TrueAsync(() => Events("FailedScheduling").Any(told => told.Message == "0/1 nodes are available: 1 preempted."), "the other is told");
        await Eventually.TrueAsync(() => Condition("claiming")?.Message?.Contains("Insufficient cpu", StringComparison.Ordinal) == true, "it is tried again");
        Assert.DoesNotContain(Writes("pods/claiming"), write => write.Method == HttpMethod.Delete);
        Assert.Empty(Writes("pods/claiming/binding"));
    }

    [Fact]
    public async Task A_claim_that_is_never_bound_is_waited_for_only_so_long()
    {
        PutClaiming();
        Start(new() { Arguments = new() { VolumeBinding = new() { BindTimeoutSeconds = 0 } } });
        await FailedAsync("running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded");
    }

    [Fact]
    public async Task A_volume_there_is_is_kept_for_its_claim_and_another_of_its_name_is_anybodys()
    {
        PutClaiming("kubernetes.io/no-provisioner");
        PutVolume("node-0", forClaim: false);
        Start();
        await Eventually.TrueAsync(() => api.Get(Kinds.PersistentVolumes, null, "pv-1")!.Spec.ClaimRef?.Uid == "uid-default-data", "the volume is kept");
        PutClaim(bound: true);
        await Eventually.TrueAsync(() => Writes("pods/claiming/binding").Length == 1, "the pod is bound");
        // Cleaned up, and made anew by who makes local volumes.
        PutVolume("node-0", forClaim: false);
        PutClaiming("kubernetes.io/no-provisioner", claim: "other", name: "second");
        await Eventually.TrueAsync(() => api.Get(Kinds.PersistentVolumes, null, "pv-1")!.Spec.ClaimRef?.Uid == "uid-default-other", "the new volume is kept for the other");
    }

    [Fact]
    public async Task A_volume_that_is_detached_makes_room_for_another()
    {
        api.Put(Kinds.Nodes, A.Node("node-0"));
        api.Put(Kinds.CSINodes, new CSINode
        {
            Metadata = A.Meta("node-0", ns: null),
            Spec = new() { Drivers = [new() { Name = "csi", NodeID = "node-0", Allocatable = new() { Count = 1 } }] },
        });
        foreach (var name in (string[])["old", "pv-1"])
        {
            api.Put(Kinds.PersistentVolumes, new PersistentVolume { Metadata = A.Meta(name, ns: null), Spec = new() { Csi = new() { Driver = "csi", VolumeHandle = name } } });
        }
        api.Put(Kinds.VolumeAttachments, new VolumeAttachment
        {
            Metadata = A.Meta("attached", ns: null),
            Spec = new() { Attacher = "csi", NodeName = "node-0", Source = new() { PersistentVolumeName = "old" } },
        });
        PutClaim(bound: true);
        api.Put(Kinds.Pods, Claiming("claiming", "data"));
        Start();
        await Eventually.TrueAsync(
            () => Condition("claiming")?.Message?.StartsWith("0/1 nodes are available: 1 node(s) exceed max volume count.", StringComparison.Ordinal) == true, "it says what it waits for");
        (await api.Client().DeleteAsync(Kinds.VolumeAttachments, null, "attached", CancellationToken.None)).OrThrow();
        await Eventually.TrueAsync(() => Writes("pods/claiming/binding").Length == 1, "the pod is bound");
    }

    [Fact]
    public async Task A_promise_that_cannot_be_kept_is_taken_back()
    {
        api.Put(Kinds.Nodes, A.Node("node-0", cpu: "1"));
        var pod = A.Pod("big", cpu: "2");
        pod.Spec!.Priority = 1000;
        pod.Status!.NominatedNodeName = "node-0";
        api.Put(Kinds.Pods, pod);
        Start();
        await Eventually.TrueAsync(() => Condition("big") is not null, "the pod is told");
        Assert.Null(api.Get(Kinds.Pods, "default", "big")!.Status!.NominatedNodeName);
    }

    [Fact]
    public async Task A_promise_stands_while_those_who_make_room_are_leaving()
    {
        api.Put(Kinds.Nodes, A.Node("node-0", cpu: "1"));
        var leaving = A.Pod("leaving", node: "node-0", phase: "Running", cpu: "1");
        leaving.Metadata.DeletionTimestamp = A.Noon;
        leaving.Status!.Conditions = [new() { Type = "DisruptionTarget", Status = "True", Reason = "PreemptionByScheduler" }];
        var pod = A.Pod("greater", cpu: "1");
        pod.Spec!.Priority = 1000;
        pod.Status!.NominatedNodeName = "node-0";
        api.Put(Kinds.Pods, leaving, pod);
        Start();
        await Eventually.TrueAsync(
            () => Condition("greater")?.Message?.EndsWith("not eligible due to a terminating pod on the nominated node.", StringComparison.Ordinal) == true, "the pod is told");
        Assert.Equal("node-0", api.Get(Kinds.Pods, "default", "greater")!.Status!.NominatedNodeName);
    }

    [Fact]
    public async Task Kinds_that_are_forbidden_or_missing_stop_no_pod_that_does_not_need_them()
    {
        string[] forbidden = ["namespaces?", "services?", "replicasets?", "statefulsets?", "persistentvolumes?", "persistentvolumeclaims?",
            "storageclasses?", "csinodes?", "volumeattachments?", "poddisruptionbudgets?"];
        foreach (var kind in forbidden) { api.On(HttpMethod.Get, kind, () => FakeApi.Refuse(403, "Forbidden"), int.MaxValue); }
        api.On(HttpMethod.Get, "csistoragecapacities", () => FakeApi.Refuse(404, "NotFound"), int.MaxValue);
        api.Put(Kinds.Nodes, A.Node("node-0"));
        var claiming = A.Pod("claiming");
        claiming.Spec!.Volumes = [new() { Name = "data", PersistentVolumeClaim = new() { ClaimName = "data" } }];
        api.Put(Kinds.Pods, A.Pod("web-0"), claiming);
        Start();
        await Eventually.TrueAsync(() => Writes("pods/web-0/binding").Length == 1, "the pod is bound");
        await Eventually.TrueAsync(
            () => Condition("claiming")?.Message?.Contains("persistentvolumeclaim \"data\" not found", StringComparison.Ordinal) == true, "the other says what it waits for");
        Assert.Empty(Writes("pods/claiming/binding"));
    }

    [Fact]
    public async Task Without_nodes_nothing_is_scheduled_until_they_may_be_read()
    {
        api.On(HttpMethod.Get, "nodes", () => FakeApi.Refuse(403, "Forbidden"), 3);
        api.Put(Kinds.Nodes, A.Node("node-0"));
        api.Put(Kinds.Pods, A.Pod("web-0"));
        Start();
        await Eventually.TrueAsync(() => Writes("pods/web-0/binding").Length == 1, "the pod is bound");
        Assert.Empty(Events("FailedScheduling"));
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        api.Dispose();
    }

    private void Start(KubeSchedulerProfile? profile = null) => running = Task.Run(() => SchedulerHost.RunAsync(
        api.Client(), new() { Identity = "test", DoWithoutAfter = TimeSpan.Zero, Configuration = new() { Profiles = [profile ?? new()] } }, TimeProvider.System, stopping.Token));

    // A node, and a pod with a claim of a class that binds once a node is chosen.
    private void PutClaiming(string provisioner = "p", string claim = "data", string name = "claiming")
    {
        api.Put(Kinds.Nodes, A.Node("node-0"));
        api.Put(Kinds.StorageClasses, new StorageClass { Metadata = A.Meta("late", ns: null), Provisioner = provisioner, VolumeBindingMode = "WaitForFirstConsumer" });
        PutClaim(bound: false, claim);
        api.Put(Kinds.Pods, Claiming(name, claim));
    }

    private static Pod Claiming(string name, string claim)
    {
        var pod = A.Pod(name);
        pod.Spec!.Volumes = [new() { Name = "data", PersistentVolumeClaim = new() { ClaimName = claim } }];
        return pod;
    }

    private void PutClaim(bool bound, string name = "data") => api.Put(Kinds.PersistentVolumeClaims, new PersistentVolumeClaim
    {
        Metadata = A.Meta(name) with { Annotations = bound ? A.Labels("pv.kubernetes.io/bind-completed", "yes", "volume.kubernetes.io/selected-node", "node-0") : null },
        Spec = new() { StorageClassName = "late", VolumeName = bound ? "pv-1" : null },
    });

    private void PutVolume(string node, bool forClaim = true) => api.Put(Kinds.PersistentVolumes, new PersistentVolume
    {
        Metadata = A.Meta("pv-1", ns: null),
        Spec = new()
        {
            StorageClassName = "late",
            ClaimRef = forClaim ? new() { Namespace = "default", Name = "data", Uid = "uid-default-data" } : null,
            NodeAffinity = new() { Required = new() { NodeSelectorTerms = [new() { MatchExpressions = [new() { Key = "kubernetes.io/hostname", Operator = "In", Values = [node] }] }] } },
        },
    });

    private string? SelectedNode() =>
        api.Get(Kinds.PersistentVolumeClaims, "default", "data")!.Metadata.Annotations?.GetValueOrDefault("volume.kubernetes.io/selected-node");

    private async Task FailedAsync(string message)
    {
        await Eventually.TrueAsync(() => Condition("claiming")?.Message == message, message);
        Assert.Equal("SchedulerError", Condition("claiming")!.Reason);
        await Eventually.TrueAsync(() => Writes("pods/claiming/status").Any(write => write.Body.Contains("\"nominatedNodeName\":null", StringComparison.Ordinal)), "what it was told is taken back");
        await Eventually.TrueAsync(() => Events("FailedScheduling").Any(told => told.Message == message), "an event tells");
    }

    private FakeRequest[] Writes(string path)
    {
        lock (api.Requests) { return [.. api.Writes.Where(write => write.Path.Contains(path, StringComparison.Ordinal))]; }
    }

    private Event[] Events(string reason) => [.. api.List(Kinds.Events).Where(one => one.Reason == reason)];

    private PodCondition? Condition(string pod) =>
        api.Get(Kinds.Pods, "default", pod)?.Status?.Conditions?.FirstOrDefault(one => one.Type == "PodScheduled");
}
