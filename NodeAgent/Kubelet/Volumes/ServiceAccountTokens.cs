using System.Collections.Concurrent;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;

namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>Tokens of one pod, asked for anew when four fifths of their life, or a day, have passed.</summary>
internal sealed class ServiceAccountTokens(IClusterObjects objects, TimeProvider clock)
{
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<(string Audience, long Seconds), (string Token, DateTimeOffset RefreshAt)> known = new();

    public async Task<string> GetAsync(Pod pod, string? audience, long expirationSeconds, CancellationToken cancellationToken)
    {
        var key = (audience ?? "", expirationSeconds);
        var now = clock.GetUtcNow();
        if (known.TryGetValue(key, out var entry) && entry.RefreshAt > now)
        {
            return entry.Token;
        }

        var answer = await objects.TokenAsync(pod, audience, expirationSeconds, cancellationToken);
        var life = answer.ExpirationTimestamp is { } expires ? (expires - now) * 0.8 : TimeSpan.FromMinutes(10);
        known[key] = (answer.Token ?? "", now + (life < Oldest ? life : Oldest));
        return answer.Token ?? "";
    }
}
