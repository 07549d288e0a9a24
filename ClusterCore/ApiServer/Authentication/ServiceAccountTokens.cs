using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Authentication;

/// <summary>The object a token dies with: a pod, a secret or a node.</summary>
/// <param name="Node">Of a pod: where it runs, which the token tells too.</param>
internal sealed record BoundObject(string Kind, string ApiVersion, string Name, string Uid, BoundObject? Node = null);

/// <summary>
/// Issues and checks the tokens of service accounts. A token is good while its signature and time are, and while the service
/// account and what it is bound to are the ones it was issued for.
/// </summary>
internal sealed class ServiceAccountTokens(ECDsa key, string issuer, WatchFeed feed, TimeProvider clock) : ITokenAuthenticator
{
    private const int RememberedTokens = 4096;
    private const string Prefix = "system:serviceaccount:";

    private static readonly TimeSpan farewell = TimeSpan.FromMinutes(1);
    private static readonly GroupResource serviceAccounts = new("", "serviceaccounts");
    private readonly ConcurrentDictionary<string, JsonWebToken> verified = new(StringComparer.Ordinal);

    public string Issuer => issuer;

    public ECDsa Key => key;

    public string KeyId { get; } = Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    public string Issue(string @namespace, string name, string uid, IReadOnlyList<string> audiences, DateTimeOffset expiresAt, BoundObject? bound)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var kubernetes = new JsonObject
        {
            ["namespace"] = @namespace,
            ["serviceaccount"] = new JsonObject { ["name"] = name, ["uid"] = uid },
        };
        foreach (var one in ((BoundObject?[])[bound, bound?.Node]).OfType<BoundObject>())
        {
            var reference = new JsonObject { ["name"] = one.Name };
            if (one.Uid.Length > 0) { reference["uid"] = one.Uid; }
            kubernetes[one.Kind.ToLowerInvariant()] = reference;
        }

        return JsonWebToken.SignEs256(
            new()
            {
                ["aud"] = new JsonArray([.. audiences.Select(audience => (JsonNode)audience)]),
                ["exp"] = expiresAt.ToUnixTimeSeconds(),
                ["iat"] = now,
                ["iss"] = issuer,
                ["jti"] = Guid.NewGuid().ToString(),
                ["kubernetes.io"] = kubernetes,
                ["nbf"] = now,
                ["sub"] = $"{Prefix}{@namespace}:{name}",
            },
            key,
            KeyId);
    }

    public ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Judge(token, audiences).Identity);

    public string? ProblemOf(string token, IReadOnlyList<string> audiences) => Judge(token, audiences).Problem;

    private (TokenIdentity? Identity, string? Problem) Judge(string token, IReadOnlyList<string> audiences)
    {
        if (Verify(token) is not { } read || read.Claims["kubernetes.io"] is not JsonObject claims) { return default; }
        string[] wanted = audiences.Count > 0 ? [.. audiences] : [issuer];
        var common = wanted.Intersect(read.Audiences, StringComparer.Ordinal).ToArray();
        if (common.Length == 0) { return (null, $"token audiences {GoText(read.Audiences)} is invalid for the target audiences {GoText(wanted)}"); }
        if (!read.IsCurrent(clock.GetUtcNow())) { return (null, "service account token has expired"); }
        return ProblemOf(claims, read) is { } problem ? (null, problem) : (new(UserOf(claims, read), common), null);
    }

    private static string GoText(IEnumerable<string> texts) => $"[{string.Join(' ', texts.Select(static text => $"\"{text}\""))}]";

    private JsonWebToken? Verify(string token)
    {
        if (verified.TryGetValue(token, out var known)) { return known; }
        if (JsonWebToken.Read(token) is not { } read || read.Issuer != issuer || !read.IsSignedBy(key)) { return null; }
        if (verified.Count >= RememberedTokens) { verified.Clear(); }
        return verified[token] = read;
    }

    /// <summary>A pod's token lives and dies with the pod; its node is told, not asked for.</summary>
    private string? ProblemOf(JsonObject claims, JsonWebToken token)
    {
        var (@namespace, name, uid) = Account(claims);
        if (token.Subject != $"{Prefix}{@namespace}:{name}") { return "Namespace or name in the claims does not match the subject"; }
        if (!Exists(serviceAccounts, @namespace, name, uid)) { return $"serviceaccounts \"{name}\" not found"; }
        var isGone = ((string[])["pod", "secret", "node"]).Any(kind =>
            claims[kind] is { } bound && (kind != "node" || claims["pod"] is null)
            && !Exists(new("", kind + "s"), kind == "node" ? "" : @namespace, Text(bound, "name"), Text(bound, "uid")));
        return isGone ? "service account token has been invalidated" : null;
    }

    /// <summary>Who shows the token, and where it is good: the secret it is bound to is nobody's to know.</summary>
    private static UserInfo UserOf(JsonObject claims, JsonWebToken token)
    {
        var (@namespace, name, uid) = Account(claims);
        var extra = new Dictionary<string, string[]>(StringComparer.Ordinal) { ["authentication.kubernetes.io/credential-id"] = [$"JTI={token.Claims["jti"]}"] };
        foreach (var kind in (string[])["pod", "node"])
        {
            foreach (var part in (string[])["name", "uid"])
            {
                if (Text(claims[kind], part) is { Length: > 0 } value) { extra[$"authentication.kubernetes.io/{kind}-{part}"] = [value]; }
            }
        }

        return UserFor(@namespace, name, uid) with { Extra = extra };
    }

    private static (string Namespace, string Name, string Uid) Account(JsonObject claims) =>
        (Text(claims, "namespace"), Text(claims["serviceaccount"], "name"), Text(claims["serviceaccount"], "uid"));

    public static UserInfo UserFor(string @namespace, string name, string uid) =>
        new($"{Prefix}{@namespace}:{name}", uid, [$"{Prefix[..^1]}s", $"{Prefix[..^1]}s:{@namespace}"]);

    /// <summary>Something being deleted is good for a minute more, so that what runs in a pod can take its leave.</summary>
    private bool Exists(GroupResource resource, string @namespace, string name, string uid) =>
        feed.Of(resource).Find(@namespace, name) is { } entry && entry.Index.Field("metadata.uid") == uid
        && !(DateTimeOffset.TryParse(entry.Index.Field("metadata.deletionTimestamp"), CultureInfo.InvariantCulture, out var deleted) && deleted + farewell < clock.GetUtcNow());

    private static string Text(JsonNode? parent, string name) => parent?[name]?.ToString() ?? "";
}
