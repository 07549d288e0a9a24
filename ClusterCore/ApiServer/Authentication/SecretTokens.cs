using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Storage;

namespace Flotilla.ClusterCore.ApiServer.Authentication;

/// <summary>
/// Tokens as a kube-controller-manager puts them into secrets: without an audience or an end, good while the secret holds them and the
/// service account is there. The secret's label tells when they were used last, so that a cleaner finds those that nobody uses.
/// </summary>
internal sealed class SecretTokens(ECDsa key, string apiAudience, WatchFeed feed, ObjectStore objects, TimeProvider clock) : ITokenAuthenticator
{
    private const string Issuer = "kubernetes/serviceaccount";
    private const string LastUsed = "kubernetes.io/legacy-token-last-used";
    private const string InvalidSince = "kubernetes.io/legacy-token-invalid-since";
    private static readonly GroupResource secrets = new("", "secrets");
    private static readonly GroupResource serviceAccounts = new("", "serviceaccounts");

    /// <summary>How dates are written, in the label and wherever the use of tokens is told.</summary>
    public static string DateOf(DateTimeOffset time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public async ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        if (JsonWebToken.Read(token) is not { Issuer: Issuer } read || !read.IsSignedBy(key)) { return null; }
        if (audiences.Count > 0 && !audiences.Contains(apiAudience)) { return null; }
        var (@namespace, name, uid) = (Claim(read, "namespace"), Claim(read, "service-account.name"), Claim(read, "service-account.uid"));
        var user = ServiceAccountTokens.UserFor(@namespace, name, uid);
        if (read.Subject != user.Name || !HasAccount(@namespace, name, uid)) { return null; }
        var secret = Claim(read, "secret.name");
        if (feed.Of(secrets).Find(@namespace, secret)?.Parse() is not { } holder || !Holds(holder, token)) { return null; }
        var labels = holder["metadata"]!["labels"];
        await MarkUsedAsync(new(secrets, @namespace, secret), labels, cancellationToken);
        return ObjectMeta.Text(labels, InvalidSince).Length > 0 ? null : new(user, [apiAudience]);
    }

    private static string Claim(JsonWebToken token, string name) => ObjectMeta.Text(token.Claims, $"kubernetes.io/serviceaccount/{name}");

    private bool HasAccount(string @namespace, string name, string uid) =>
        feed.Of(serviceAccounts).Find(@namespace, name) is { } entry
        && entry.Index.Field("metadata.uid") == uid && entry.Index.Field("metadata.deletionTimestamp") is not { Length: > 0 };

    private static bool Holds(JsonObject secret, string token) =>
        secret["metadata"]!["deletionTimestamp"] is null
        && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(ObjectMeta.Text(secret["data"], "token")), Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(token))));

    private async ValueTask MarkUsedAsync(StoreKey secret, JsonNode? labels, CancellationToken cancellationToken)
    {
        var today = DateOf(clock.GetUtcNow());
        if (ObjectMeta.Text(labels, LastUsed) == today) { return; }
        try
        {
            if (await objects.GetAsync(secret, cancellationToken) is not { } stored) { return; }
            var obj = stored.Parse();
            var metadata = ObjectMeta.Of(obj);
            if (metadata["labels"] is not JsonObject marked) { metadata["labels"] = marked = []; }
            marked[LastUsed] = today;
            _ = await objects.ReplaceAsync(secret, obj, stored.Revision, 0, cancellationToken);
        }
        catch (Exception exception) when (exception is StatusException or StoreUnavailableException)
        {
            // Whoever cannot write may still read: the next request tries again.
        }
    }
}
