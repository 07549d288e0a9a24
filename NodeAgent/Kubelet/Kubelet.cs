using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Admission;
using Flotilla.NodeAgent.Kubelet.Certificates;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Eviction;
using Flotilla.NodeAgent.Kubelet.Garbage;
using Flotilla.NodeAgent.Kubelet.Hooks;
using Flotilla.NodeAgent.Kubelet.Images;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Probes;
using Flotilla.NodeAgent.Kubelet.Problems;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.NodeAgent.Kubelet.Server;
using Flotilla.NodeAgent.Kubelet.Server.Logs;
using Flotilla.NodeAgent.Kubelet.Server.Stats;
using Flotilla.NodeAgent.Kubelet.Shutdown;
using Flotilla.NodeAgent.Kubelet.Statuses;
using Flotilla.NodeAgent.Kubelet.Volumes;
using Flotilla.NodeAgent.Runtime;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet;

/// <summary>One node's kubelet: the wiring of its parts. The informers are the process's; their factory is run by its host.</summary>
public sealed class Kubelet : IAsyncDisposable
{
    private readonly KubeletOptions options;
    private readonly NodeIdentity node;
    private readonly TimeProvider clock;
    private readonly Informer<Pod> pods;
    private readonly CgroupTree cgroups;
    private readonly StatusWriter statuses;
    private readonly ImagePuller images;
    private readonly ContainerStarts starts;
    private readonly LifecycleHooks hooks;
    private readonly Prober prober;
    private readonly EventRecorder recorder;
    private readonly PodAdmission admission;
    private readonly PodWorkers workers;
    private readonly RuntimeWatch watch;
    private readonly LogRotation rotation;
    private readonly ImageGarbage imageGarbage;
    private readonly ContainerGarbage containerGarbage;
    private readonly NodeReporter reporter;
    private readonly EvictionLoop eviction;
    private readonly NodeShutdown shutdown;
    private readonly ProblemDetector problems;
    private readonly RuntimeHealth runtimeHealth;
    private readonly ApiClient client;
    private readonly ILogger logger;
    private readonly ServingCertificate serving;
    private readonly KubeletServer server;

    public Kubelet(
        KubeletOptions options, ApiClient client, InformerFactory informers, ICriRuntime runtime, X509Certificate2Collection clusterAuthorities, TimeProvider clock, ILoggerFactory loggers)
    {
        (this.options, this.clock) = (options, clock);
        var logger = loggers.CreateLogger<Kubelet>();
        node = new(options.NodeName, options.NodeIp.ToString(), Resources(options));
        cgroups = new(options.CgroupRoot, options.PodMaxPids);
        pods = informers.Get(Kinds.Pods, new() { FieldSelector = $"spec.nodeName={options.NodeName}" });
        var objects = new ClusterObjects(client, informers.Get(Kinds.Services));
        recorder = new(client, "kubelet", clock, logger, options.NodeName);
        var events = new PodEvents(recorder);
        statuses = new(client, clock, logger);
        images = new(runtime, objects, events, clock);
        hooks = new(runtime, clock);
        prober = new(runtime);
        var services = new PodServices
        {
            Runtime = runtime,
            Client = client,
            Events = events,
            Images = images,
            Hooks = hooks,
            Prober = prober,
            LastWords = new(options),
            Statuses = statuses,
            Node = _ => node,
            Files = pod => new PodFiles(pod.Metadata.Uid!, options, node, cgroups, objects, clock),
            RuntimeHandler = objects.RuntimeHandlerAsync,
            Starts = starts = new(Environment.ProcessorCount, clock),
            Pods = () => workers!.All.Where(worker => worker.HoldsPlace).Select(worker => worker.Pod),
            Admission = (pod, others, stopped) => admission!.AskAsync(pod, others, stopped),
            Clock = clock,
            Logger = logger,
        };
        workers = new(services);
        var ownNode = new OwnNode(client, informers.Get(Kinds.Nodes), options.NodeName, options.NodeLabels);
        admission = new(pod => shutdown!.Refuse() ?? eviction!.Refuse(pod) ?? PodFeatures.Refuse(pod), _ => ownNode, services);
        watch = new(runtime, workers, services.Metrics, clock, logger);
        rotation = new(options, workers, runtime, clock, logger);
        var nodeEvents = new NodeEvents(recorder, options.NodeName);
        runtimeHealth = new(runtime, options, nodeEvents, clock);
        problems = new(options.ProblemRulesFile is { } file ? ProblemRules.Load(file) : ProblemRules.Default(), options.CgroupRoot, nodeEvents, clock, logger);
        var usage = new UsageReader(options, workers, services, cgroups);
        imageGarbage = new(options, workers, runtime, usage, services.Metrics, nodeEvents, clock, logger);
        containerGarbage = new(options, workers, runtime, cgroups, nodeEvents, clock, logger);
        eviction = new(options, node, workers, services, usage, cgroups, imageGarbage, nodeEvents);
        shutdown = new(options, workers, services, nodeEvents);
        reporter = new(client, node, options.Port, options.NodeLabels, LookAsync, nodeEvents, clock, logger);
        informers.Get(Kinds.Nodes).AddHandler(change =>
        {
            if (change.New is { } now && now.Metadata.Name == options.NodeName) { reporter.SeeCapacity(now); }
        });
        (this.client, this.logger, serving) = (client, logger, new(options, clock));
        server = new(options, clusterAuthorities, workers, services, new(options.NodeName, workers, usage, services.Metrics, cgroups), serving, loggers);
    }

    /// <summary>Whether the node has said of itself that it is Ready.</summary>
    public bool Ready => reporter.Ready;

    /// <summary>Runs until cancelled. Containers are left as they are: the next kubelet adopts them.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        MountPoint.Share(options.RootDirectory);
        cgroups.CreateTop(node.Resources.AllocatableMilliCpu, node.Resources.Memory - options.Reserved.Memory);
        await server.StartAsync(cancellationToken);
        var running = Task.WhenAll(
            recorder.RunAsync(cancellationToken),
            statuses.RunAsync(cancellationToken),
            reporter.RunAsync(cancellationToken),
            rotation.RunAsync(cancellationToken),
            imageGarbage.RunAsync(cancellationToken),
            containerGarbage.RunAsync(() => pods.HasSynced, cancellationToken),
            new BurstableShare(workers, cgroups, clock).RunAsync(cancellationToken),
            eviction.RunAsync(reporter.Wake, cancellationToken),
            new ReclaimedVolumes(options, client, clock, logger).RunAsync(cancellationToken),
            serving.RotateAsync(client, logger, cancellationToken),
            problems.RunAsync(reporter.Wake, cancellationToken),
            watch.RunAsync(() => pods.HasSynced, cancellationToken));
        workers.Follow(pods, pod => pod.Spec.NodeName == options.NodeName, cancellationToken);
        await running;
    }

    /// <summary>The machine goes down: pods are ended in their order. Returns when that is done, or their time is up.</summary>
    public Task ShutDownAsync(CancellationToken cancellationToken)
    {
        var ending = shutdown.RunAsync(cancellationToken);
        reporter.Wake();
        return ending;
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        reporter.Dispose();
        watch.Dispose();
        statuses.Dispose();
        images.Dispose();
        starts.Dispose();
        imageGarbage.Dispose();
        hooks.Dispose();
        prober.Dispose();
    }

    private static NodeResources Resources(KubeletOptions options)
    {
        var cpu = (options.Cpus ?? Environment.ProcessorCount) * 1000L;
        var memory = options.Memory ?? MachineFacts.Memory().Total;
        var disk = MachineFacts.DiskBytes(options.RootDirectory);
        var reserved = options.Reserved;
        return new(cpu, memory, disk, options.MaxPods, cpu - reserved.MilliCpu, memory - reserved.Memory - Kept(EvictionSignal.MemoryAvailable, memory))
        {
            AllocatableDisk = disk - reserved.Disk - Kept(EvictionSignal.NodeFsAvailable, disk),
        };

        long Kept(string signal, long capacity) =>
            options.EvictionThresholds.FirstOrDefault(threshold => threshold.Signal == signal && threshold.Grace == TimeSpan.Zero)?.Least(capacity) ?? 0;
    }

    private async Task<(NodeHealth Health, NodeSystemInfo Info)> LookAsync(CancellationToken cancellationToken)
    {
        var (notReady, info) = await runtimeHealth.LookAsync(watch.ListedAt, cancellationToken);
        return (new(shutdown.Underway ? NodeShutdown.NotReady : notReady, eviction.Pressures, [.. problems.Conditions, runtimeHealth.Condition]) { Images = runtimeHealth.Images }, info);
    }
}
