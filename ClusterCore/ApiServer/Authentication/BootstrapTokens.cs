using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Authentication;

/// <summary>
/// Machines that join a cluster: a token <c>abcdef.0123456789abcdef</c> is the Secret <c>bootstrap-token-abcdef</c> of
/// kube-system, and its bearer a bootstrapper who may ask for a certificate of its own.
/// </summary>
internal sealed partial class BootstrapTokens(WatchFeed feed, string apiAudience, TimeProvider clock) : ITokenAuthenticator
{
    private const string Bootstrappers = "system:bootstrappers";
    private static readonly GroupResource secrets = new("", "secrets");

    public ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        if (audiences.Count > 0 && !audiences.Contains(apiAudience, StringComparer.Ordinal)) { return new((TokenIdentity?)null); }
        return new(Form().Match(token) is { Success: true } match && UserOf(match.Groups["id"].Value, match.Groups["secret"].Value) is { } user
            ? new TokenIdentity(user, [apiAudience])
            : null);
    }

    private UserInfo? UserOf(string id, string secret)
    {
        if (feed.Of(secrets).Find("kube-system", $"bootstrap-token-{id}")?.Parse() is not { } stored || stored.Metadata()?["deletionTimestamp"] is not null) { return null; }
        if (stored.Text("type") != "bootstrap.kubernetes.io/token" || stored.Object("data") is not { } data) { return null; }
        if (Value(data, "token-id") != id || !IsSame(Value(data, "token-secret"), secret)) { return null; }
        if (Value(data, "usage-bootstrap-authentication") != "true" || IsExpired(Value(data, "expiration"))) { return null; }
        var groups = Value(data, "auth-extra-groups").Split(',', StringSplitOptions.RemoveEmptyEntries);
        return Array.TrueForAll(groups, group => ExtraGroup().IsMatch(group))
            ? new($"system:bootstrap:{id}", "", [Bootstrappers, .. groups.Distinct(StringComparer.Ordinal)])
            : null;
    }

    /// <summary>In constant time: how far a guess is right is nobody's business.</summary>
    private static bool IsSame(string stored, string presented) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(stored), Encoding.UTF8.GetBytes(presented));

    /// <summary>A time that cannot be read has passed.</summary>
    private bool IsExpired(string expiration) => expiration.Length > 0
        && !(DateTimeOffset.TryParse(expiration, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at > clock.GetUtcNow());

    private static string Value(JsonObject data, string name) =>
        data.Text(name) is { } encoded && System.Buffers.Text.Base64.IsValid(encoded) ? Encoding.UTF8.GetString(Convert.FromBase64String(encoded)) : "";

    [GeneratedRegex("^(?<id>[a-z0-9]{6})\\.(?<secret>[a-z0-9]{16})$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();

    [GeneratedRegex("^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExtraGroup();
}
