using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Volumes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Volumes;

public sealed class ServiceAccountTokensTests
{
    private readonly ManualClock clock = new();

    [Theory]
    [InlineData(3600, 2879, "token-1")]
    [InlineData(3600, 2880, "token-2")]
    [InlineData(864000, 86399, "token-1")]
    [InlineData(864000, 86400, "token-2")]
    public async Task A_token_is_asked_for_anew_after_four_fifths_of_its_life_or_a_day(long life, int passed, string expected)
    {
        var tokens = new ServiceAccountTokens(new Issuer(clock), clock);
        Assert.Equal("token-1", await tokens.GetAsync(A.Pod(), null, life, CancellationToken.None));
        clock.Advance(TimeSpan.FromSeconds(passed));
        Assert.Equal(expected, await tokens.GetAsync(A.Pod(), null, life, CancellationToken.None));
    }

    [Fact]
    public async Task Each_audience_has_a_token_of_its_own()
    {
        var tokens = new ServiceAccountTokens(new Issuer(clock), clock);
        Assert.Equal(("token-1", "token-2"), (await tokens.GetAsync(A.Pod(), "a", 600, CancellationToken.None), await tokens.GetAsync(A.Pod(), "b", 600, CancellationToken.None)));
    }

    private sealed class Issuer(TimeProvider clock) : IClusterObjects
    {
        private int issued;

        public Task<TokenRequestStatus> TokenAsync(Pod pod, string? audience, long expirationSeconds, CancellationToken cancellationToken) =>
            Task.FromResult(new TokenRequestStatus { Token = $"token-{++issued}", ExpirationTimestamp = clock.GetUtcNow().AddSeconds(expirationSeconds) });

        public Task<ConfigMap?> ConfigMapAsync(string ns, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Secret?> SecretAsync(string ns, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Service>> ServicesAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<PersistentVolume?> ClaimedVolumeAsync(string ns, string claimName, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
