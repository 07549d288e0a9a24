using System.Threading.Channels;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Components.Elements;
using Flotilla.Portal.Web.Workloads;
using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Pages.Workloads;

/// <summary>What runs in a cluster, as its API server tells it.</summary>
public sealed partial class ClusterWorkloads : IAsyncDisposable
{
    private const int MostShown = 200;

    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource closed = new();
    private readonly Channel<bool> stale = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Task work = Task.CompletedTask;
    private WorkloadFeed? feed;
    private bool asked;
    private bool slow;

    [Parameter, EditorRequired]
    public required ClusterView Cluster { get; set; }

    [SupplyParameterFromQuery]
    private string? Namespace { get; set; }

    [Inject]
    private WorkloadFeeds Feeds { get; set; } = default!;

    [Inject]
    private TimeProvider Clock { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private IReadOnlyList<string> Namespaces =>
        [.. Objects().Select(item => item.Metadata.Namespace).OfType<string>().Append(Namespace ?? "default").Distinct().Where(ns => ns.Length > 0).Order()];

    private IReadOnlyList<Deployment> Deployments => Select(feed!.Deployments);

    private IReadOnlyList<Pod> Pods => Select(feed!.Pods);

    private IReadOnlyList<Event> Events =>
        [.. feed!.Events.Where(IsShown).OrderByDescending(LastSeen)];

    public async ValueTask DisposeAsync()
    {
        await closed.CancelAsync();
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (feed is not null)
        {
            feed.Changed -= NoteChange;
            await Feeds.CloseAsync(Cluster.Id, feed);
        }
        closed.Dispose();
    }

    protected override void OnInitialized() => work = FollowAsync(closed.Token);

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        while (await stale.Reader.WaitToReadAsync(cancellationToken))
        {
            stale.Reader.TryRead(out _);
            await InvokeAsync(StateHasChanged);
            await Task.Delay(Calm, Clock, cancellationToken);
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        while (Cluster.State is "hibernated" or "deleted" or "deleting"
            || (feed = await Feeds.OpenAsync(Cluster.Id, cancellationToken)) is null)
        {
            await ShowAskedAsync();
            await Task.Delay(Retry, Clock, cancellationToken);
        }
        await ShowAskedAsync();
        feed.Changed += NoteChange;
        NoteChange();
        await Task.WhenAny(feed.Synced, Task.Delay(Patience, Clock, cancellationToken));
        slow = !feed.Synced.IsCompletedSuccessfully;
        // An empty cluster raises no change.
        _ = feed.Synced.ContinueWith(_ => NoteChange(), cancellationToken, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        NoteChange();
    }

    private Task ShowAskedAsync() => InvokeAsync(() =>
    {
        asked = true;
        StateHasChanged();
    });

    private void NoteChange() => stale.Writer.TryWrite(true);

    private void SetNamespace(string? ns) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameter("namespace", string.IsNullOrEmpty(ns) ? null : ns), replace: true);

    private IEnumerable<KubernetesObject> Objects() => [.. feed!.Deployments, .. feed.Pods];

    private IReadOnlyList<T> Select<T>(T[] objects) where T : KubernetesObject =>
        [.. objects.Where(IsShown).OrderBy(item => item.Metadata.Namespace).ThenBy(item => item.Metadata.Name)];

    private bool IsShown(KubernetesObject item) => Namespace is not { Length: > 0 } || item.Metadata.Namespace == Namespace;

    private static DateTimeOffset? LastSeen(Event item) =>
        item.Series?.LastObservedTime ?? item.LastTimestamp ?? item.EventTime ?? item.Metadata.CreationTimestamp;

    private RenderFragment Since(DateTimeOffset? time) => builder =>
    {
        if (time is null) { return; }
        builder.OpenComponent<Age>(0);
        builder.AddComponentParameter(1, nameof(Age.Since), time.Value);
        builder.CloseComponent();
    };
}
