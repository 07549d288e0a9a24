using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.ApiServer.Authentication.Oidc;

/// <summary>Users by the ID tokens of one OpenID Connect issuer.</summary>
/// <param name="apiAudience">What this server calls itself to service accounts; an ID token that is good here is good for that.</param>
internal sealed partial class OidcAuthenticator(JwtIssuer issuer, string apiAudience, TimeProvider clock, ILogger logger) : ITokenAuthenticator, IDisposable
{
    private readonly IssuerKeys keys = new(issuer, clock);

    public async ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        if (audiences.Count > 0 && !audiences.Contains(apiAudience, StringComparer.Ordinal)) { return null; }
        if (JsonWebToken.Read(token) is not { } read || read.Issuer != issuer.Url.OriginalString) { return null; }
        if (!issuer.SigningAlgorithms.Contains(read.Algorithm, StringComparer.Ordinal) || !read.IsCurrent(clock.GetUtcNow())) { return null; }
        if (!read.Audiences.Intersect(issuer.Audiences, StringComparer.Ordinal).Any()) { return null; }
        if (!await IsSignedAsync(read, cancellationToken)) { return null; }
        return ClaimMapping.UserOf(issuer, read.Claims) is { } user ? new(user, [apiAudience]) : null;
    }

    public void Dispose() => keys.Dispose();

    private async ValueTask<bool> IsSignedAsync(JsonWebToken token, CancellationToken cancellationToken)
    {
        try
        {
            return await keys.VerifiesAsync(token, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            LogUnreachable(logger, exception, issuer.Url);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keys of the issuer {Issuer} cannot be read")]
    private static partial void LogUnreachable(ILogger logger, Exception exception, Uri issuer);
}
