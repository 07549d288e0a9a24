using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Status;

namespace Flotilla.ClusterCore.Controllers.ServiceAccounts;

/// <summary>Every active namespace has a service account named <c>default</c>.</summary>
internal sealed class ServiceAccountController : ReconcilingController
{
    private const string Default = "default";
    private readonly Informer<Namespace> namespaces;
    private readonly Informer<ServiceAccount> accounts;

    public ServiceAccountController(ControllerContext context) : base("serviceaccount-controller", context, workers: 1)
    {
        namespaces = Reconciles(context.Informers.Get(Kinds.Namespaces));
        accounts = context.Informers.Get(Kinds.ServiceAccounts);
        accounts.AddHandler(change =>
        {
            if (change.IsDeleted && change.Key.Name == Default)
            {
                Queue.Add(new(null, change.Key.Namespace!));
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (namespaces.Find(key) is not { Status.Phase: not "Terminating" } || accounts.Find(key.Name, Default) is not null)
        {
            return ReconcileResult.Done;
        }
        var account = new ServiceAccount { Metadata = new() { Namespace = key.Name, Name = Default } };
        var created = await Client.CreateAsync(Kinds.ServiceAccounts, account, cancellationToken);
        if (!created.AlreadyExists && !created.IsRefusedByTermination())
        {
            created.OrThrow();
        }
        return ReconcileResult.Done;
    }
}
