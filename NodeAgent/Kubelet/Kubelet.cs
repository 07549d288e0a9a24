using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Garbage;
using Flotilla.NodeAgent.Kubelet.Hooks;
using Flotilla.NodeAgent.Kubelet.Images;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Probes;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.NodeAgent.Kubelet.Server;
using Flotilla.NodeAgent.Kubelet.Server.Logs;
using Flotilla.NodeAgent.Kubelet.Server.Stats;
using Flotilla.NodeAgent.Kubelet.Statuses;
using Flotilla.NodeAgent.Runtime;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet;

/// <summary>One node's kubelet: the wiring of its parts. The informers are the process's; their factory is run by its host.</summary>
public sealed class Kubelet : IAsyncDisposable
{
    private readonly KubeletOptions options;
    private readonly NodeIdentity node;
    private readonly ICriRuntime runtime;
    private readonly TimeProvider clock;
    private readonly Informer<Pod> pods;
    private readonly CgroupTree cgroups;
    private readonly StatusWriter statuses;
    private readonly ImagePuller images;
    private readonly LifecycleHooks hooks;
    private readonly Prober prober;
    private readonly EventRecorder recorder;
    private readonly PodWorkers workers;
    private readonly RuntimeWatch watch;
    private readonly LogRotation rotation;
    private readonly ImageGarbage imageGarbage;
    private readonly NodeReporter reporter;
    private readonly UsageReader usage;
    private readonly KubeletServer server;

    public Kubelet(
        KubeletOptions options, ApiClient client, InformerFactory informers, ICriRuntime runtime, X509Certificate2Collection clusterAuthorities, TimeProvider clock, ILoggerFactory loggers)
    {
        (this.options, this.runtime, this.clock) = (options, runtime, clock);
        var logger = loggers.CreateLogger<Kubelet>();
        node = new(options.NodeName, options.NodeIp.ToString(), Resources(options));
        cgroups = new(options.CgroupRoot);
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
            ChecksResources = true,
            Clock = clock,
            Logger = logger,
        };
        workers = new(services);
        watch = new(runtime, workers, clock, logger);
        rotation = new(options, workers, runtime, clock, logger);
        imageGarbage = new(options, workers, runtime, clock, logger);
        reporter = new(client, node, options.Port, options.NodeLabels, LookAsync, clock, logger);
        usage = new(options, workers, services, cgroups);
        server = new(options, clusterAuthorities, workers, services, new(options.NodeName, workers, usage, services.Metrics, cgroups), loggers);
    }

    /// <summary>Whether the node has said of itself that it is Ready.</summary>
    public bool Ready => reporter.Ready;

    /// <summary>Runs until cancelled. Containers are left as they are: the next kubelet adopts them.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        cgroups.CreateTop();
        await server.StartAsync(cancellationToken);
        var running = Task.WhenAll(
            recorder.RunAsync(cancellationToken),
            statuses.RunAsync(cancellationToken),
            reporter.RunAsync(null, cancellationToken),
            rotation.RunAsync(cancellationToken),
            imageGarbage.RunAsync(cancellationToken),
            watch.RunAsync(() => pods.HasSynced, cancellationToken));
        workers.Follow(pods, static _ => true, cancellationToken);
        await running;
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        watch.Dispose();
        statuses.Dispose();
        images.Dispose();
        hooks.Dispose();
        prober.Dispose();
    }

    private static NodeResources Resources(KubeletOptions options)
    {
        var cpu = (options.Cpus ?? Environment.ProcessorCount) * 1000L;
        var memory = options.Memory ?? MachineFacts.Memory().Total;
        return new(
            cpu, memory, MachineFacts.DiskBytes(options.RootDirectory), options.MaxPods, cpu - options.ReservedMilliCpu, memory - options.ReservedMemory);
    }

    private async Task<(NodeHealth Health, NodeSystemInfo Info)> LookAsync(CancellationToken cancellationToken)
    {
        var disk = new DriveInfo(options.RootDirectory);
        var health = new NodeHealth(
            RuntimeAnswers: true, NotReadyReason: null, MachineFacts.Memory().Available, (double)disk.AvailableFreeSpace / disk.TotalSize, PidsFree: 1);
        try
        {
            var version = await runtime.VersionAsync(cancellationToken);
            var status = await runtime.StatusAsync(cancellationToken);
            var failing = status.Status.Conditions.FirstOrDefault(condition => !condition.Status);
            health = health with { NotReadyReason = failing is null ? null : Reason(failing) };
            return (health, MachineFacts.Info(options.KubeletVersion, $"{version.RuntimeName}://{version.RuntimeVersion}"));
        }
        catch (CriException exception)
        {
            health = health with { RuntimeAnswers = false, NotReadyReason = $"container runtime is down: {exception.Message}" };
            return (health, MachineFacts.Info(options.KubeletVersion, "containerd://unknown"));
        }
    }

    private static string Reason(Runtime.Cri.RuntimeCondition failing) => failing.Type == "NetworkReady"
        ? $"container runtime network not ready: NetworkReady=false reason:{failing.Reason} message:{failing.Message}"
        : $"container runtime status check may not have completed yet: {failing.Type}=false reason:{failing.Reason} message:{failing.Message}";
}
