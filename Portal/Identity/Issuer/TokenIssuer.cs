using System.Text.Json.Nodes;
using Flotilla.Portal.Identity.Sessions;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Projects;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Portal.Identity.Issuer;

/// <summary>Makes tokens of a grant that has its user.</summary>
internal sealed class TokenIssuer(
    IDbContextFactory<FleetDbContext> contexts, SigningKeys keys, ApiTokens apiTokens, TimeProvider clock)
{
    private const string ClusterScope = "cluster:";

    private static readonly TimeSpan IdTokenLifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan ApiTokenLifetime = TimeSpan.FromDays(30);

    /// <summary>The token response (RFC 6749, 5.1); null when the user may not have what the scope asks for.</summary>
    public async Task<JsonObject?> IssueAsync(Grant grant, string issuer, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var user = await context.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == grant.UserId, cancellationToken);
        if (user is null || user.LockoutEnd > clock.GetUtcNow()) { return null; }
        var claims = Claims(grant, user, issuer);
        if (ClusterOf(grant.Scope) is { } cluster && !await AddClusterAsync(context, claims, user, cluster, cancellationToken)) { return null; }
        var idToken = await keys.SignAsync(claims, cancellationToken);
        var lifetime = grant.ClientId == IssuerClients.Cli ? ApiTokenLifetime : IdTokenLifetime;
        var accessToken = grant.ClientId == IssuerClients.Cli
            ? (await apiTokens.IssueAsync(user.Id, "flotilla login", ApiTokenLifetime, cancellationToken)).Secret
            : idToken;
        return new()
        {
            ["access_token"] = accessToken,
            ["token_type"] = "Bearer",
            ["expires_in"] = (long)lifetime.TotalSeconds,
            ["id_token"] = idToken,
            ["scope"] = grant.Scope,
        };
    }

    private JsonObject Claims(Grant grant, FleetUser user, string issuer)
    {
        var now = clock.GetUtcNow();
        var claims = new JsonObject
        {
            ["iss"] = issuer,
            ["sub"] = user.Id.ToString(),
            ["aud"] = grant.ClientId,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + IdTokenLifetime).ToUnixTimeSeconds(),
            ["email"] = PortalClaims.AccountName(user),
            ["name"] = user.DisplayName ?? PortalClaims.AccountName(user),
        };
        if (grant.Nonce is not null) { claims["nonce"] = grant.Nonce; }
        return claims;
    }

    // A cluster takes only tokens made for it: it is the audience, and the groups are the user's role there.
    private static async Task<bool> AddClusterAsync(
        FleetDbContext context, JsonObject claims, FleetUser user, string clusterId, CancellationToken cancellationToken)
    {
        var project = await context.Clusters.Where(c => c.Id == clusterId && c.PurgedAt == null)
            .Select(c => (Guid?)c.ProjectId).SingleOrDefaultAsync(cancellationToken);
        if (project is null) { return false; }
        var actor = new Actor(user.Id, PortalClaims.AccountName(user), user.IsPlatformAdmin);
        if (await ProjectAccess.RoleAsync(context, project.Value, actor, cancellationToken) is not { } role) { return false; }
        claims["aud"] = clusterId;
        claims["groups"] = new JsonArray($"flotilla:{role.ToString().ToLowerInvariant()}s");
        return true;
    }

    private static string? ClusterOf(string scope) => scope.Split(' ')
        .FirstOrDefault(word => word.StartsWith(ClusterScope, StringComparison.Ordinal))?[ClusterScope.Length..];
}
