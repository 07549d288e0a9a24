using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Volumes;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Volumes;

public sealed class ClaimPlanTests
{
    private static readonly StorageClass Local = LocalVolume.Class();

    [Fact]
    public void The_smallest_volume_that_is_large_enough_is_bound()
    {
        var plan = Plan(Claim("", "5Gi"), [Volume("small", "1Gi"), Volume("large", "50Gi"), Volume("fits", "10Gi")]);
        Assert.Equal((ClaimStep.Bind, "fits"), (plan.Step, plan.Volume?.Metadata.Name));
    }

    [Fact]
    public void A_volume_meant_for_the_claim_comes_first()
    {
        var meant = Volume("meant", "50Gi");
        meant.Spec.ClaimRef = new() { Namespace = "default", Name = "data" };
        Assert.Equal("meant", Plan(Claim("", "5Gi"), [Volume("fits", "5Gi"), meant]).Volume?.Metadata.Name);
    }

    [Fact]
    public void A_claim_waits_for_its_first_consumer_and_then_gets_a_directory_there()
    {
        var claim = Claim("local", "5Gi");
        Assert.Equal("WaitForFirstConsumer", Plan(claim, []).Event?.Reason);
        claim.Metadata.Annotations = A.Labels("volume.kubernetes.io/selected-node", "node-0");
        var plan = Plan(claim, []);
        Assert.Equal((ClaimStep.Provision, "node-0"), (plan.Step, plan.Node));
        var volume = LocalVolume.Create(claim, Local, plan.Node, "/volumes");
        Assert.Equal("/volumes/pvc-uid-default-data", (string?)volume["spec"]!["hostPath"]!["path"]);
        Assert.Contains("node-0", volume["spec"]!["nodeAffinity"]!.ToJsonString());
    }

    [Theory]
    [InlineData("", "FailedBinding")]
    [InlineData("missing", "ProvisioningFailed")]
    public void What_a_claim_waits_for_is_said(string storageClass, string reason) =>
        Assert.Equal(reason, Plan(Claim(storageClass, "1Gi"), []).Event?.Reason);

    [Fact]
    public void A_bound_claim_without_its_volume_is_lost()
    {
        var claim = Claim("", "1Gi");
        claim.Spec.VolumeName = "gone";
        claim.Status.Phase = "Bound";
        Assert.Equal(ClaimStep.Lost, Plan(claim, []).Step);
    }

    [Theory]
    [InlineData(null, null, "Available")]
    [InlineData("uid-default-data", "uid-default-data", "Bound")]
    [InlineData("uid-default-data", null, "Released")]
    [InlineData("uid-default-data", "another", "Released")]
    public void A_volume_is_as_its_claim_is(string? claimRef, string? claimUid, string expected)
    {
        var volume = Volume("v", "1Gi");
        volume.Spec.ClaimRef = claimRef is null ? null : new() { Namespace = "default", Name = "data", Uid = claimRef };
        var claim = claimUid is null ? null : Claim("", "1Gi") with { Metadata = A.Meta("data") with { Uid = claimUid } };
        Assert.Equal(expected, VolumeController.PhaseOf(volume, claim));
    }

    private static ClaimPlan Plan(PersistentVolumeClaim claim, PersistentVolume[] volumes) =>
        ClaimPlan.Compute(claim, volumes, [Local], LocalVolume.Provisioner);

    private static PersistentVolumeClaim Claim(string storageClass, string size) => new()
    {
        Metadata = A.Meta("data"),
        Spec = new() { StorageClassName = storageClass, AccessModes = ["ReadWriteOnce"], Resources = new() { Requests = A.Labels("storage", size) } },
    };

    private static PersistentVolume Volume(string name, string size) => new()
    {
        Metadata = A.Meta(name, null),
        Spec = new() { StorageClassName = "", AccessModes = ["ReadWriteOnce"], Capacity = A.Labels("storage", size) },
        Status = new() { Phase = "Available" },
    };
}
