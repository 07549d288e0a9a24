using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Selection;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Controllers;

/// <summary>A controller that works through a queue of keys: what most of them are.</summary>
internal abstract partial class ReconcilingController(string name, ControllerContext context, int workers = 2) : IController
{
    private static readonly TimeSpan AfterConflict = TimeSpan.FromMilliseconds(20);

    public string Name { get; } = name;

    public virtual bool IsServed => true;

    protected ControllerContext Context { get; } = context;

    protected ApiClient Client => Context.Client;

    protected TimeProvider Clock => Context.Clock;

    protected WorkQueue<NamespacedName> Queue { get; } = new(clock: context.Clock);

    public virtual async Task RunAsync(CancellationToken cancellationToken)
    {
        var logger = Context.Loggers.CreateLogger(GetType());
        await new Controller(Name, Queue, ReconcileFreshAsync, logger, workers).RunAsync(cancellationToken);
        Queue.Dispose();

        async Task<ReconcileResult> ReconcileFreshAsync(NamespacedName key, CancellationToken stop)
        {
            try
            {
                return await ReconcileAsync(key, stop);
            }
            catch (ApiException exception) when (exception.Status.Reason == ApiReason.Conflict)
            {
                // Somebody else wrote first, as happens all the time: what they wrote is on its way here.
                LogConflict(logger, Name, key, exception.Message);
                return new(AfterConflict);
            }
        }
    }

    public abstract Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken);

    /// <summary>Every change of such an object is worked on under its own key.</summary>
    protected Informer<T> Reconciles<T>(Informer<T> informer) where T : KubernetesObject
    {
        informer.AddHandler(change => Queue.Add(change.Key));
        return informer;
    }

    /// <summary>A change of an owned object is worked on under the key of the controlling owner of that kind, before and after.</summary>
    protected Informer<T> ReconcilesOwner<T>(Informer<T> informer, string ownerKind) where T : KubernetesObject
    {
        informer.AddHandler(change =>
        {
            AddOwner(change.Old, ownerKind);
            AddOwner(change.New, ownerKind);
        });
        return informer;
    }

    /// <summary>A change of an object that nobody controls is worked on under the key of each owner whose selector takes it.</summary>
    /// <param name="owners">Indexed by namespace.</param>
    protected void Adopts<T, TOwner>(Informer<T> informer, Informer<TOwner> owners, Func<TOwner, LabelSelectorSpec?> selector)
        where T : KubernetesObject where TOwner : KubernetesObject =>
        informer.AddHandler(change =>
        {
            if (change.New is not { } orphan || orphan.ControllerOwner() is not null) { return; }
            foreach (var owner in owners.InNamespace(orphan.Metadata.Namespace).Where(owner => selector(owner).Matches(orphan.Metadata.Labels)))
            {
                Queue.Add(owner.Key);
            }
        });

    private void AddOwner(KubernetesObject? owned, string ownerKind)
    {
        if (owned?.ControllerOwner() is { } owner && owner.Kind == ownerKind)
        {
            Queue.Add(new(owned.Metadata.Namespace, owner.Name));
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Controller} looks at {Key} again: {Reason}")]
    private static partial void LogConflict(ILogger logger, string controller, NamespacedName key, string reason);
}
