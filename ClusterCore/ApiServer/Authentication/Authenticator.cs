using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.ApiServer.Metrics;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Authentication;

/// <summary>Finds out who makes a request, asking in upstream's order: front proxy, client certificate, bearer token.</summary>
internal sealed class Authenticator(
    ClientCertificates certificates, ClientCertificates frontProxies, SharedHistogram ages, TimeProvider clock, IReadOnlyList<ITokenAuthenticator> tokens)
{
    /// <summary>The name in the certificate of the front proxy.</summary>
    public const string FrontProxy = "front-proxy-client";
    public const string ProxyUser = "X-Remote-User";
    public const string ProxyUid = "X-Remote-Uid";
    public const string ProxyGroup = "X-Remote-Group";
    public const string ProxyExtraPrefix = "X-Remote-Extra-";

    private const string Bearer = "Bearer ";
    private const string SocketProtocol = "base64url.bearer.authorization.k8s.io.";

    private static readonly string[] open = ["/healthz", "/livez", "/readyz", "/version", "/.well-known/openid-configuration", "/openid/v1/jwks"];

    public IReadOnlyList<ITokenAuthenticator> Tokens => tokens;

    /// <summary>Null: 401. Requests without credentials may look at health, version and issuer metadata only.</summary>
    public async ValueTask<UserInfo?> AuthenticateAsync(HttpContext context)
    {
        var certificate = context.Connection.ClientCertificate;
        var token = TokenOf(context.Request);
        if (certificate is not null && FrontProxied(certificate, context.Request) is { } proxied) { return Complete(proxied); }
        if (certificate is not null && certificates.UserOf(certificate) is { } user)
        {
            ages.Observe((certificate.NotAfter.ToUniversalTime() - clock.GetUtcNow().UtcDateTime).TotalSeconds);
            return Complete(user);
        }

        if (token is not null) { return await ByTokenAsync(token, context.RequestAborted) is { } named ? Complete(named) : null; }
        return certificate is null && IsOpen(context.Request.Path) ? UserInfo.Anonymous : null;
    }

    private static bool IsOpen(PathString path) => Array.Exists(open, prefix => path.StartsWithSegments(prefix, StringComparison.Ordinal));

    private async ValueTask<UserInfo?> ByTokenAsync(string token, CancellationToken cancellationToken)
    {
        foreach (var authenticator in tokens)
        {
            if (await authenticator.AuthenticateAsync(token, [], cancellationToken) is { } identity) { return identity.User; }
        }

        return null;
    }

    /// <summary>A proxy in front of this server says who its client is; only the one proxy with the front-proxy certificate is believed.</summary>
    private UserInfo? FrontProxied(X509Certificate2 certificate, HttpRequest request)
    {
        if (request.Headers[ProxyUser] is not [{ Length: > 0 } name] || frontProxies.UserOf(certificate)?.Name != FrontProxy) { return null; }
        return new(name, request.Headers[ProxyUid].ToString(), [.. request.Headers[ProxyGroup].OfType<string>()])
        {
            Extra = ExtraHeaders.Read(request.Headers, ProxyExtraPrefix),
        };
    }

    private static string? TokenOf(HttpRequest request)
    {
        if (request.Headers.Authorization is [{ } header] && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return header[Bearer.Length..].Trim();
        }

        var protocols = request.Headers.SecWebSocketProtocol.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries));
        return protocols.FirstOrDefault(protocol => protocol.StartsWith(SocketProtocol, StringComparison.Ordinal)) is { } encoded
            && System.Buffers.Text.Base64Url.IsValid(encoded.AsSpan(SocketProtocol.Length))
            ? System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(encoded.AsSpan(SocketProtocol.Length)))
            : null;
    }

    private static UserInfo Complete(UserInfo user) => user.WithGroup(UserInfo.Authenticated);
}
