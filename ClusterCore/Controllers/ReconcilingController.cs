using System.Text.Json.Serialization.Metadata;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Selection;
using Flotilla.ClusterCore.Controllers.Status;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Controllers;

/// <summary>A controller that works through a queue of keys: what most of them are.</summary>
internal abstract partial class ReconcilingController(string name, ControllerContext context, int workers = 2, WorkQueueOptions? retries = null) : IController
{
    private static readonly TimeSpan AfterConflict = TimeSpan.FromMilliseconds(20);

    public string Name { get; } = name;

    public virtual bool IsServed => true;

    public virtual bool ReadsWhatItCan => false;

    protected ControllerContext Context { get; } = context;

    protected ApiClient Client => Context.Client;

    protected TimeProvider Clock => Context.Clock;

    protected WorkQueue<NamespacedName> Queue { get; } = new(retries, context.Clock);

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

    /// <summary>Writes what is different, unless the object is gone.</summary>
    /// <param name="read">What the new status was made for: if the object is another by now, it comes here again.</param>
    /// <returns>Whether it is written now.</returns>
    protected async Task<bool> WriteStatusAsync<T, TStatus>(
        ResourceType<T> type, ObjectMeta read, TStatus before, TStatus after, JsonTypeInfo<TStatus> json, CancellationToken cancellationToken)
        where T : KubernetesObject where TStatus : class
    {
        if (StatusPatch.Between(read, before, after, json) is not { } patch)
        {
            return false;
        }
        var patched = await Client.PatchStatusAsync(type, read.Namespace, read.Name, patch, cancellationToken);
        if (patched.IsNotFound)
        {
            return false;
        }
        patched.OrThrow();
        return true;
    }

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
