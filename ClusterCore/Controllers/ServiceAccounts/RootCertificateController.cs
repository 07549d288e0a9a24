using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Status;

namespace Flotilla.ClusterCore.Controllers.ServiceAccounts;

/// <summary>Every active namespace has the cluster's CA in the config map <c>kube-root-ca.crt</c>, as its pods mount it.</summary>
internal sealed class RootCertificateController : ReconcilingController
{
    private const string MapName = "kube-root-ca.crt";
    private const string DataKey = "ca.crt";
    private readonly string certificate;
    private readonly Informer<Namespace> namespaces;
    private readonly Informer<ConfigMap> maps;

    public RootCertificateController(ControllerContext context, string certificate)
        : base("root-ca-certificate-publisher", context, workers: 1)
    {
        this.certificate = certificate;
        namespaces = Reconciles(context.Informers.Get(Kinds.Namespaces));
        maps = context.Informers.Get(Kinds.ConfigMaps, new() { FieldSelector = $"metadata.name={MapName}" });
        maps.AddHandler(change =>
        {
            if (change.Key.Name == MapName)
            {
                Queue.Add(new(null, change.Key.Namespace!));
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (namespaces.Find(key) is not { Status.Phase: not "Terminating" })
        {
            return ReconcileResult.Done;
        }
        var found = maps.Find(key.Name, MapName);
        if (found is null)
        {
            var map = new ConfigMap
            {
                Metadata = new() { Namespace = key.Name, Name = MapName },
                Data = new Dictionary<string, string> { [DataKey] = certificate },
            };
            var created = await Client.CreateAsync(Kinds.ConfigMaps, map, cancellationToken);
            if (!created.AlreadyExists && !created.IsRefusedByTermination())
            {
                created.OrThrow();
            }
            return ReconcileResult.Done;
        }
        if (found.Data is not { Count: 1 } data || data.GetValueOrDefault(DataKey) != certificate)
        {
            var body = new JsonArray(new JsonObject
            {
                ["op"] = "add",
                ["path"] = "/data",
                ["value"] = new JsonObject { [DataKey] = certificate },
            });
            await Client.PatchAsync(Kinds.ConfigMaps, key.Name, MapName, Patch.Json(body), cancellationToken);
        }
        return ReconcileResult.Done;
    }
}
