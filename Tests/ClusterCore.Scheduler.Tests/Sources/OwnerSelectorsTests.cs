using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Sources;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;

namespace Flotilla.ClusterCore.Scheduler.Tests.Sources;

/// <summary>Which pods belong with a pod by default: those its services and its controller select.</summary>
public sealed class OwnerSelectorsTests : IAsyncDisposable
{
    private readonly FakeApi api = new();
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    [Theory]
    [InlineData("v1", "ReplicationController", "app in (rc)")]
    [InlineData("apps/v1", "ReplicaSet", "app in (rs);tier in (front)")]
    [InlineData("apps/v1", "StatefulSet", "app in (sts)")]
    [InlineData("batch/v1", "Job", null)]
    [InlineData("apps.kruise.io/v1", "StatefulSet", null)]
    public async Task Pods_of_a_controller_are_those_of_its_selector(string apiVersion, string kind, string? expected)
    {
        var pod = A.Pod(labels: A.Labels("app", "other"));
        pod.Metadata.OwnerReferences = [new() { ApiVersion = apiVersion, Kind = kind, Name = "own", Uid = "uid-default-own", Controller = true }];
        Assert.Equal(expected, await SelectorOfAsync(pod));
    }

    [Fact]
    public async Task Pods_of_services_are_those_of_all_their_selectors() =>
        Assert.Equal("app in (web);tier in (front)", await SelectorOfAsync(A.Pod(labels: A.Labels("app", "web", "tier", "front", "more", "x"))));

    [Fact]
    public async Task Both_hold_for_a_pod_that_has_both()
    {
        var pod = A.Pod(labels: A.Labels("app", "web"));
        pod.Metadata.OwnerReferences = [new() { ApiVersion = "apps/v1", Kind = "StatefulSet", Name = "own", Uid = "uid-default-own", Controller = true }];
        Assert.Equal("app in (sts);app in (web)", await SelectorOfAsync(pod));
    }

    [Fact]
    public async Task A_pod_of_nobody_belongs_with_none() => Assert.Null(await SelectorOfAsync(A.Pod(labels: A.Labels("app", "lonely"))));

    [Fact]
    public async Task A_service_of_another_namespace_is_not_its_own() => Assert.Null(await SelectorOfAsync(A.Pod(ns: "other")));

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        api.Dispose();
    }

    private async Task<string?> SelectorOfAsync(Pod pod)
    {
        api.Put(Kinds.Services, Service("web", A.WebLabels), Service("front", A.Labels("tier", "front")), Service("headless", null));
        api.Put(Kinds.ReplicationControllers, new ReplicationController { Metadata = A.Meta("own"), Spec = new() { Selector = A.Labels("app", "rc") } });
        api.Put(Kinds.ReplicaSets, new ReplicaSet { Metadata = A.Meta("own"), Spec = new() { Selector = A.Selector(A.Labels("app", "rs", "tier", "front")) } });
        api.Put(Kinds.StatefulSets, new StatefulSet { Metadata = A.Meta("own"), Spec = new() { Selector = A.Selector(A.Labels("app", "sts")) } });
        var informers = new InformerFactory(api.Client());
        var selectors = new OwnerSelectors(
            informers.Get(Kinds.Services).IndexByNamespace(), informers.Get(Kinds.ReplicationControllers), informers.Get(Kinds.ReplicaSets), informers.Get(Kinds.StatefulSets));
        running = informers.RunAsync(stopping.Token);
        await informers.WaitForSyncAsync(stopping.Token);
        return selectors.SelectorOf(PodInfo.From(pod))?.Key;
    }

    private static Service Service(string name, IReadOnlyDictionary<string, string>? selector) => new() { Metadata = A.Meta(name), Spec = new() { Selector = selector } };
}
