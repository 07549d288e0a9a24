using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containers;

public sealed class SecurityMappingTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData("RuntimeDefault", null, "RuntimeDefault ")]
    [InlineData("Unconfined", null, "Unconfined ")]
    [InlineData("Localhost", null, "Localhost own")]
    [InlineData("RuntimeDefault", "Unconfined", "Unconfined ")]
    public void A_profile_of_AppArmor_is_the_containers_or_else_the_pods(string? ofPod, string? ofContainer, string? expected)
    {
        var container = new Container { Name = "main", SecurityContext = new() { AppArmorProfile = Profile(ofContainer) } };
        var spec = new PodSpec { SecurityContext = new() { AppArmorProfile = Profile(ofPod) }, Containers = [container] };
        var profile = SecurityMapping.Of(spec, spec.All().Single(), targetId: null, seccompRoot: "/").Apparmor;
        Assert.Equal(expected, profile is null ? null : $"{profile.ProfileType} {profile.LocalhostRef}");
    }

    private static AppArmorProfile? Profile(string? type) => type is null ? null : new() { Type = type, LocalhostProfile = type == "Localhost" ? "own" : null };
}
