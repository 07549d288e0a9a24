using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Authentication.Oidc;

/// <summary>From the claims of a verified token to a user of the cluster.</summary>
internal static class ClaimMapping
{
    /// <summary>Null when a claim that is needed is missing or wrong.</summary>
    public static UserInfo? UserOf(JwtIssuer issuer, JsonObject claims)
    {
        if (issuer.RequiredClaims.Any(required => claims.Text(required.Key) != required.Value)) { return null; }
        if (claims.Text(issuer.UsernameClaim) is not { Length: > 0 } name) { return null; }
        // An address that its owner has not confirmed may be anybody's.
        if (issuer.UsernameClaim == "email" && claims["email_verified"] is not null && claims.Flag("email_verified") != true) { return null; }
        if (Groups(issuer, claims) is not { } groups) { return null; }
        var uid = issuer.UidClaim is { } claim ? claims.Text(claim) ?? "" : "";
        return new(issuer.UsernamePrefix + name, uid, [.. groups.Select(group => issuer.GroupsPrefix + group)])
        {
            Extra = claims.Text("jti") is { Length: > 0 } id
                ? new Dictionary<string, string[]>(StringComparer.Ordinal) { ["authentication.kubernetes.io/credential-id"] = [$"JTI={id}"] }
                : new(StringComparer.Ordinal),
        };
    }

    /// <summary>One group or a list of them; null when the claim is something else.</summary>
    private static string[]? Groups(JwtIssuer issuer, JsonObject claims) => issuer.GroupsClaim is null ? [] : claims[issuer.GroupsClaim] switch
    {
        null => [],
        JsonArray list when list.All(static one => one?.GetValueKind() == System.Text.Json.JsonValueKind.String) => [.. claims.Texts(issuer.GroupsClaim)],
        JsonValue one when one.TryGetValue(out string? group) => [group],
        _ => null,
    };
}
