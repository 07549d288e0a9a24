using Flotilla.ClusterCore.Client.Objects;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Client.Informers;

/// <summary>One informer per kind for a whole process: whoever asks for a kind gets the same one.</summary>
public sealed class InformerFactory(ApiClient client, TimeProvider? clock = null, ILoggerFactory? loggers = null)
{
    private readonly Dictionary<(string ApiVersion, string Plural, Type View), IInformer> informers = [];
    private readonly ILogger logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<InformerFactory>();
    private HashSet<IInformer> asked = [];

    /// <param name="options">Counts on the first call for a kind only.</param>
    public Informer<T> Get<T>(ResourceType<T> type, InformerOptions<T>? options = null) where T : KubernetesObject
    {
        var key = (type.ApiVersion, type.Plural, typeof(T));
        if (!informers.TryGetValue(key, out var informer))
        {
            informers[key] = informer = new Informer<T>(client, type, options, clock, logger);
        }
        asked.Add(informer);
        return (Informer<T>)informer;
    }

    /// <summary>Those asked for since the last time: what a part that was made in between reads.</summary>
    public IReadOnlyCollection<IInformer> TakeAsked()
    {
        var taken = asked;
        asked = [];
        return taken;
    }

    /// <summary>Runs every informer asked for so far, until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll([.. informers.Values.Select(informer => informer.RunAsync(cancellationToken))]);

    public Task WaitForSyncAsync(CancellationToken cancellationToken) =>
        Task.WhenAll([.. informers.Values.Select(informer => informer.WaitForSyncAsync(cancellationToken))]);
}
