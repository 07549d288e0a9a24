using Flotilla.EndToEnd.SafeByDefault;

namespace Flotilla.EndToEnd.Verbs;

/// <summary>The oldest kubectl that is supported: Debian 12's own, 1.20.</summary>
public sealed class OldKubectlTests(SimulatedCluster cluster)
    : VerbTests(cluster.KubectlOf("artifacts/kubectl-1.20/usr/bin/kubectl")), IClassFixture<SimulatedCluster>
{
    [Fact]
    public Task It_is_the_old_one() => SaysAsync("version --client --short", "v1.20.");
}
