using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Admission;
using Flotilla.NodeAgent.Kubelet.Hooks;
using Flotilla.NodeAgent.Kubelet.Images;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Server;
using Flotilla.NodeAgent.Kubelet.Statuses;
using Flotilla.NodeAgent.Runtime.Simulated;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Simulation;

/// <summary>
/// Many nodes in one process: the same pod workers on a simulated runtime, one watch of all pods, one server; of its own each
/// node has only its name, its Node object and its heartbeat.
/// </summary>
public sealed class SimulatedNodes : IAsyncDisposable
{
    private const long Memory = 32L << 30;

    private readonly Dictionary<string, NodeIdentity> nodes;
    private readonly Informer<Pod> pods;
    private readonly StatusWriter statuses;
    private readonly ImagePuller images;
    private readonly LifecycleHooks hooks;
    private readonly EventRecorder recorder;
    private readonly PodAdmission admission;
    private readonly PodWorkers workers;
    private readonly RuntimeWatch watch;
    private readonly KubeletServer server;
    private readonly SimulatedHeart[] hearts;
    private readonly SimulatedHeartbeats heartbeats;

    /// <param name="options">The name is the beginning of each node's name when there are several.</param>
    public SimulatedNodes(
        KubeletOptions options, int count, ApiClient client, InformerFactory informers, SimulationRules rules, X509Certificate2Collection clusterAuthorities, TimeProvider clock, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<SimulatedNodes>();
        var cpu = (options.Cpus ?? 8) * 1000L;
        var resources = new NodeResources(cpu, options.Memory ?? Memory, 100L << 30, options.MaxPods, cpu, options.Memory ?? Memory);
        nodes = Enumerable.Range(0, count)
            .Select(index => new NodeIdentity(count == 1 ? options.NodeName : $"{options.NodeName}-{index}", options.NodeIp.ToString(), resources))
            .ToDictionary(node => node.Name);
        var runtime = new SimulatedRuntime(rules, clock);
        pods = informers.Get(Kinds.Pods);
        recorder = new(client, "kubelet", clock, logger);
        var events = new PodEvents(recorder);
        statuses = new(client, clock, logger);
        images = new(runtime, new NoClusterObjects(), events, clock, count);
        hooks = new(runtime, clock);
        var files = new SimulatedPodFiles();
        var services = new PodServices
        {
            Runtime = runtime,
            Client = client,
            Events = events,
            Images = images,
            Hooks = hooks,
            Prober = new SimulatedProber(),
            LastWords = new(options),
            Statuses = statuses,
            Node = pod => nodes[pod.Spec.NodeName!],
            Files = _ => files,
            Admission = (pod, others, stopped) => admission!.AskAsync(pod, others, stopped),
            Simulated = true,
            Clock = clock,
            Logger = logger,
        };
        workers = new(services);
        var labels = new Dictionary<string, string>(options.NodeLabels) { ["type"] = "simulated" };
        admission = new(static _ => null, pod => new(client, watched: null, pod.Spec.NodeName!, labels), services);
        watch = new(runtime, workers, services.Metrics, clock, logger);
        server = new(options, clusterAuthorities, workers, services, new(options.NodeName, workers, new(options, workers, services, cgroups: null), services.Metrics, cgroups: null), new(options, clock), loggers);
        var info = MachineFacts.Info(options.KubeletVersion, "simulated://1");
        var health = Task.FromResult((NodeHealth.Good, info));
        hearts = [.. nodes.Values.Select(node => new SimulatedHeart(
            client, node.Name, new(client, node, options.Port, labels, _ => health, events: null, clock, logger), clock))];
        heartbeats = new(hearts, clock, logger);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await server.StartAsync(cancellationToken);
        workers.Follow(pods, pod => pod.Spec.NodeName is { Length: > 0 } name && nodes.ContainsKey(name), cancellationToken);
        await Task.WhenAll(
            recorder.RunAsync(cancellationToken),
            statuses.RunAsync(cancellationToken),
            watch.RunAsync(() => pods.HasSynced, cancellationToken),
            heartbeats.RunAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Array.ForEach(hearts, heart => heart.Dispose());
        watch.Dispose();
        statuses.Dispose();
        images.Dispose();
        hooks.Dispose();
    }
}
