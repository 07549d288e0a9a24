using Flotilla.ClusterCore.Client;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

public sealed class VolumeTests(ControlPlane cluster)
{
    private const string Claim = """{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Mi"}}}}""";
    private const string User = """
        {"metadata":{"name":"user"},"spec":{"containers":[{"name":"main","image":"nginx:1"}],"volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data"}}]}}
        """;

    [Fact]
    public async Task A_claim_of_the_default_class_gets_a_volume_on_the_node_of_its_first_pod()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.PersistentVolumeClaims, ns, Claim);
        await Eventually.TrueAsync(
            async () => (await cluster.ToldAsync(ns, "data")).Contains("WaitForFirstConsumer: waiting for first consumer to be created before binding"), "it waits");
        var waiting = await cluster.GetAsync(Kinds.PersistentVolumeClaims, ns, "data");
        Assert.Equal(("local", "Pending"), (waiting!.Spec.StorageClassName, waiting.Status.Phase));

        await cluster.CreateAsync(Kinds.Pods, ns, User);
        await Eventually.TrueAsync(async () => (await cluster.GetAsync(Kinds.PersistentVolumeClaims, ns, "data"))!.Status.Phase == "Bound", "it is bound");
        await Eventually.TrueAsync(async () => (await cluster.GetAsync(Kinds.Pods, ns, "user"))!.Status.Phase == "Running", "its pod runs");
        var volume = await VolumeAsync(ns);
        var only = volume!.Spec.NodeAffinity!.Required!.NodeSelectorTerms![0].MatchExpressions![0];
        Assert.Equal(("kubernetes.io/hostname", "node-0"), (only.Key, only.Values![0]));
        await Eventually.TrueAsync(
            async () => (await cluster.ToldAsync(ns, "data")).Any(told => told.StartsWith("ProvisioningSucceeded: Successfully provisioned volume pvc-", StringComparison.Ordinal)), "it is told");
    }

    [Fact]
    public async Task A_claim_in_use_goes_with_its_last_pod_and_its_volume_after_it()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.PersistentVolumeClaims, ns, Claim);
        await cluster.CreateAsync(Kinds.Pods, ns, User);
        await Eventually.TrueAsync(async () => (await cluster.GetAsync(Kinds.Pods, ns, "user"))!.Status.Phase == "Running", "its pod runs");
        var volume = (await VolumeAsync(ns))!.Metadata.Name;
        await cluster.DeleteAsync(Kinds.PersistentVolumeClaims, ns, "data");
        await cluster.DeleteAsync(Kinds.PersistentVolumes, null, volume);

        // Another claim, made and gone meanwhile: the controllers have seen the first deletion by then.
        await cluster.CreateAsync(Kinds.PersistentVolumeClaims, ns, Claim.Replace("\"data\"", "\"other\"", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => (await cluster.GetAsync(Kinds.PersistentVolumeClaims, ns, "other"))!.Metadata.Finalizers is ["kubernetes.io/pvc-protection"], "it is protected");
        await cluster.DeleteAsync(Kinds.PersistentVolumeClaims, ns, "other");
        await Eventually.TrueAsync(async () => await cluster.GetAsync(Kinds.PersistentVolumeClaims, ns, "other") is null, "nobody uses it");
        Assert.NotNull((await cluster.GetAsync(Kinds.PersistentVolumeClaims, ns, "data"))!.Metadata.DeletionTimestamp);
        Assert.NotNull((await cluster.GetAsync(Kinds.PersistentVolumes, null, volume))!.Metadata.DeletionTimestamp);

        await cluster.DeleteAsync(Kinds.Pods, ns, "user");
        await Eventually.TrueAsync(async () => await cluster.GetAsync(Kinds.PersistentVolumeClaims, ns, "data") is null, "the claim goes");
        await Eventually.TrueAsync(async () => await cluster.GetAsync(Kinds.PersistentVolumes, null, volume) is null, "and its volume");
    }

    [Fact]
    public async Task A_volume_made_by_hand_is_bound_to_what_asks_for_its_like_and_kept_after_it()
    {
        var ns = await cluster.NamespaceAsync();
        await cluster.CreateAsync(Kinds.PersistentVolumes, null, $$$"""
            {"metadata":{"name":"{{{ns}}}"},"spec":{"storageClassName":"{{{ns}}}","capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/tmp/x"} } }
            """);
        await PhaseAsync("Available");
        var claim = $$$"""
            {"metadata":{"name":"data"},"spec":{"storageClassName":"{{{ns}}}","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"500Mi"} } } }
            """;
        await cluster.CreateAsync(Kinds.PersistentVolumeClaims, ns, claim);
        await Eventually.TrueAsync(
            async () => await cluster.GetAsync(Kinds.PersistentVolumeClaims, ns, "data") is { Status.Phase: "Bound" } bound && bound.Spec.VolumeName == ns, "the claim has it");
        await PhaseAsync("Bound");
        await cluster.DeleteAsync(Kinds.PersistentVolumeClaims, ns, "data");
        await PhaseAsync("Released");

        // Whose data is on it nobody knows but who lets go of it.
        await cluster.MergeAsync(Kinds.PersistentVolumes, null, ns, """{"spec":{"claimRef":null}}""");
        await PhaseAsync("Available");
        await cluster.DeleteAsync(Kinds.PersistentVolumes, null, ns);
        await Eventually.TrueAsync(async () => await cluster.GetAsync(Kinds.PersistentVolumes, null, ns) is null, "it goes at once");

        Task PhaseAsync(string phase) => Eventually.TrueAsync(async () => (await cluster.GetAsync(Kinds.PersistentVolumes, null, ns))!.Status.Phase == phase, $"it is {phase}");
    }

    private async Task<Client.Objects.PersistentVolume?> VolumeAsync(string ns) =>
        (await cluster.ListAsync(Kinds.PersistentVolumes, null)).Find(volume => volume.Spec.ClaimRef?.Namespace == ns);
}
