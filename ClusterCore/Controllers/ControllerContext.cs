using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Controllers.Pods;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Controllers;

/// <summary>What every controller is given. Informers are shared: one watch per kind for all controllers.</summary>
internal sealed class ControllerContext(
    ApiClient client, ControllerManagerOptions options, TimeProvider clock, ILoggerFactory loggers) : IDisposable
{
    private readonly List<EventRecorder> recorders = [];

    public ApiClient Client { get; } = client;

    public ControllerManagerOptions Options { get; } = options;

    public TimeProvider Clock { get; } = clock;

    public ILoggerFactory Loggers { get; } = loggers;

    public InformerFactory Informers { get; } = new(client, clock, loggers);

    public PodWrites PodWrites { get; } = new(options, clock);

    public IReadOnlyList<EventRecorder> Recorders => recorders;

    /// <summary>Something of this namespace was deleted, of whatever kind: the garbage collector follows all and tells.</summary>
    public event Action<string?>? Deleted;

    public void TellDeleted(string? ns) => Deleted?.Invoke(ns);

    /// <param name="component">Shown as the event's source, with upstream's name.</param>
    public EventRecorder Recorder(string component)
    {
        var recorder = new EventRecorder(Client, component, Clock, Loggers.CreateLogger<EventRecorder>());
        recorders.Add(recorder);
        return recorder;
    }

    public void Dispose() => PodWrites.Dispose();
}
