using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Binding;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Plugins;
using Flotilla.ClusterCore.Scheduler.Queue;
using Flotilla.ClusterCore.Scheduler.Sources;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Scheduler;

/// <summary>All the parts of one term of leadership, put together.</summary>
internal sealed class SchedulerTerm(ApiClient client, SchedulerOptions options, TimeProvider clock, ILogger logger, ILoggerFactory? loggers)
{
    private readonly KubeSchedulerConfiguration configuration = options.Configuration;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var informers = new InformerFactory(client, clock, loggers);
        var recorder = new EventRecorder(client, configuration.Profiles[0].SchedulerName, clock, logger);
        var writes = new WriteQueue(options.WritesInFlight, logger);
        var inbox = new SchedulerInbox();
        var namespaces = new NamespaceLabels(Optional(informers, Kinds.Namespaces));
        var writer = new PodWriter(client, recorder, clock);
        var profiles = BuildProfiles(informers, namespaces, writer);
        var state = new ClusterState(namespaces);
        var queueOptions = new QueueOptions
        {
            InitialBackoff = TimeSpan.FromSeconds(configuration.PodInitialBackoffSeconds),
            MaxBackoff = TimeSpan.FromSeconds(configuration.PodMaxBackoffSeconds),
        };
        var queue = new SchedulingQueue(profiles.ToDictionary(one => one.Key, one => one.Value.Plugins), queueOptions, clock);
        Follow(informers, new(state, queue, profiles.Keys.ToHashSet(StringComparer.Ordinal), inbox));
        var loop = new SchedulingLoop(profiles, state, queue, inbox, writes, writer, clock, logger);

        using var term = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] parts = [informers.RunAsync(term.Token), recorder.RunAsync(term.Token), writes.RunAsync(term.Token), ScheduleAsync(term.Token)];
        // None of them ends but by cancellation or a bug; then none goes on alone.
        await Task.WhenAny(parts);
        await term.CancelAsync();
        await Task.WhenAll(parts);

        async Task ScheduleAsync(CancellationToken stop)
        {
            await informers.WaitForSyncAsync(stop);
            await Task.Run(() => loop.RunAsync(stop), stop);
        }
    }

    /// <summary>
    /// Without nodes and pods every decision would be wrong. Without anything else most are right all the same, so a role that lacks
    /// it, or is older than it, stops no scheduling: pods that depend on it (a claim, a volume) wait and say for what.
    /// </summary>
    private Informer<T> Optional<T>(InformerFactory informers, ResourceType<T> type) where T : KubernetesObject =>
        informers.Get(type, new() { DoWithoutAfter = options.DoWithoutAfter });

    private Dictionary<string, SchedulingProfile> BuildProfiles(InformerFactory informers, NamespaceLabels namespaces, PodWriter writer)
    {
        var random = new Random();
        var selectors = new OwnerSelectors(
            Optional(informers, Kinds.Services).IndexByNamespace(), Optional(informers, Kinds.ReplicationControllers),
            Optional(informers, Kinds.ReplicaSets), Optional(informers, Kinds.StatefulSets));
        var volumes = new VolumeCatalog(
            client, Optional(informers, Kinds.PersistentVolumeClaims), Optional(informers, Kinds.PersistentVolumes),
            Optional(informers, Kinds.StorageClasses), Optional(informers, Kinds.CSINodes),
            Optional(informers, Kinds.CSIDrivers), Optional(informers, Kinds.CSIStorageCapacities), Optional(informers, Kinds.VolumeAttachments), clock);
        var budgets = new DisruptionBudgets(Optional(informers, Kinds.PodDisruptionBudgets));
        var sources = new PluginSources(namespaces, selectors, volumes, budgets, writer, random);
        return configuration.Profiles.ToDictionary(profile => profile.SchedulerName, profile =>
        {
            var plugins = DefaultPlugins.Build(profile, sources);
            var percentage = profile.PercentageOfNodesToScore ?? configuration.PercentageOfNodesToScore ?? 0;
            return new SchedulingProfile(plugins, new(plugins, percentage, random));
        }, StringComparer.Ordinal);
    }

    // All else the scheduler wants of a pod it keeps itself.
    private static Pod NameOnly(Pod pod) => new()
    {
        Metadata = new()
        {
            Name = pod.Metadata.Name,
            Namespace = Texts.Shared(pod.Metadata.Namespace ?? ""),
            Uid = pod.Metadata.Uid,
            ResourceVersion = pod.Metadata.ResourceVersion,
        },
    };

    private static void Follow(InformerFactory informers, ClusterWatcher watcher)
    {
        // Nodes before pods: a pod should find the node it is on.
        informers.Get(Kinds.Nodes).AddHandler(watcher.OnNode);
        informers.Get(Kinds.Pods, new InformerOptions<Pod> { Transform = NameOnly }).AddHandler(watcher.OnPod);
        informers.Get(Kinds.Namespaces).AddHandler(watcher.OnNamespace);
        informers.Get(Kinds.PersistentVolumeClaims).AddHandler(watcher.On<PersistentVolumeClaim>(EventResource.PersistentVolumeClaim));
        informers.Get(Kinds.PersistentVolumes).AddHandler(watcher.On<PersistentVolume>(EventResource.PersistentVolume));
        informers.Get(Kinds.StorageClasses).AddHandler(watcher.On<StorageClass>(EventResource.StorageClass));
        informers.Get(Kinds.CSINodes).AddHandler(watcher.On<CSINode>(EventResource.CsiNode));
        informers.Get(Kinds.CSIDrivers).AddHandler(watcher.On<CSIDriver>(EventResource.CsiDriver));
        informers.Get(Kinds.CSIStorageCapacities).AddHandler(watcher.On<CSIStorageCapacity>(EventResource.CsiStorageCapacity));
        informers.Get(Kinds.VolumeAttachments).AddHandler(watcher.On<VolumeAttachment>(EventResource.VolumeAttachment));
    }
}
