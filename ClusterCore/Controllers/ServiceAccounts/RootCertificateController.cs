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
    private readonly string certificate;
    private readonly Informer<Namespace> namespaces;
    private readonly Informer<ConfigMap> maps;

    public RootCertificateController(ControllerContext context, string certificate)
        : base("root-ca-certificate-publisher", context, workers: 1)
    {
        this.certificate = certificate;
        namespaces = Reconciles(context.Informers.Get(Kinds.Namespaces));
        maps = context.Informers.Get(Kinds.ConfigMaps, new() { FieldSelector = $"metadata.name={RootCertificatePlan.MapName}" });
        maps.AddHandler(change =>
        {
            if (change.Key.Name == RootCertificatePlan.MapName)
            {
                Queue.Add(new(null, change.Key.Namespace!));
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (namespaces.Find(key) is not { } ns)
        {
            return ReconcileResult.Done;
        }
        switch (RootCertificatePlan.Compute(ns, maps.Find(key.Name, RootCertificatePlan.MapName), certificate))
        {
            case RootCertificateStep.Create:
                await CreateAsync(key.Name, cancellationToken);
                break;
            case RootCertificateStep.Update:
                await UpdateAsync(key.Name, cancellationToken);
                break;
        }
        return ReconcileResult.Done;
    }

    private async Task CreateAsync(string ns, CancellationToken cancellationToken)
    {
        var map = new ConfigMap
        {
            Metadata = new()
            {
                Namespace = ns,
                Name = RootCertificatePlan.MapName,
                Annotations = new Dictionary<string, string> { [RootCertificatePlan.DescriptionKey] = RootCertificatePlan.Description },
            },
            Data = new Dictionary<string, string> { [RootCertificatePlan.DataKey] = certificate },
        };
        var created = await Client.CreateAsync(Kinds.ConfigMaps, map, cancellationToken);
        if (!created.AlreadyExists && !created.IsRefusedByTermination())
        {
            created.OrThrow();
        }
    }

    private async Task UpdateAsync(string ns, CancellationToken cancellationToken)
    {
        var data = new JsonObject { ["op"] = "add", ["path"] = "/data", ["value"] = new JsonObject { [RootCertificatePlan.DataKey] = certificate } };
        var patched = await Client.PatchAsync(Kinds.ConfigMaps, ns, RootCertificatePlan.MapName, Patch.Json(new JsonArray(data)), cancellationToken);
        if (patched.IsNotFound)
        {
            return;
        }
        patched.OrThrow();
        var annotations = new JsonObject { [RootCertificatePlan.DescriptionKey] = RootCertificatePlan.Description };
        var described = Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } });
        await Client.PatchAsync(Kinds.ConfigMaps, ns, RootCertificatePlan.MapName, described, cancellationToken);
    }
}
