using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Authentication.Oidc;

/// <summary>
/// The keys of an issuer, found by OpenID Connect discovery. They are read when a token first needs them, and again when one is
/// signed with a key that is not known: that is how issuers change keys.
/// </summary>
internal sealed class IssuerKeys(JwtIssuer issuer, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan timeout = TimeSpan.FromSeconds(10);

    /// <summary>Between two readings, so that tokens with invented keys do not become load on the issuer.</summary>
    private static readonly TimeSpan shortestWait = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim reading = new(1, 1);
    private readonly HttpClient client = Connect(issuer.Authorities);
    private volatile IReadOnlyList<JsonWebKey> keys = [];
    private long readAt;
    private bool isRead;

    /// <exception cref="HttpRequestException">The issuer cannot be asked, or its answer makes no sense.</exception>
    public async ValueTask<bool> VerifiesAsync(JsonWebToken token, CancellationToken cancellationToken) =>
        Candidates(token).Any(key => key.Verifies(token))
        || (await ReadAgainAsync(cancellationToken) && Candidates(token).Any(key => key.Verifies(token)));

    public void Dispose()
    {
        client.Dispose();
        reading.Dispose();
    }

    /// <summary>Some issuers name no key in their tokens: then any of them may be it.</summary>
    private IEnumerable<JsonWebKey> Candidates(JsonWebToken token) => keys.Where(key => token.KeyId is null || key.Id.Length == 0 || key.Id == token.KeyId);

    private async ValueTask<bool> ReadAgainAsync(CancellationToken cancellationToken)
    {
        await reading.WaitAsync(cancellationToken);
        try
        {
            if (isRead && clock.GetElapsedTime(readAt) < shortestWait) { return true; }
            (readAt, isRead) = (clock.GetTimestamp(), true);
            keys = await ReadAsync(cancellationToken);
            return true;
        }
        finally
        {
            reading.Release();
        }
    }

    private async Task<IReadOnlyList<JsonWebKey>> ReadAsync(CancellationToken cancellationToken)
    {
        var configuration = await GetAsync(issuer.ConfigurationUrl, cancellationToken);
        if (configuration.Text("issuer") != issuer.Url.OriginalString)
        {
            throw new HttpRequestException($"oidc: issuer did not match the issuer returned by provider, expected \"{issuer.Url.OriginalString}\" got \"{configuration.Text("issuer")}\"");
        }

        var set = await GetAsync(new(configuration.Text("jwks_uri") ?? throw new HttpRequestException("oidc: the provider names no jwks_uri")), cancellationToken);
        return [.. set.Items("keys").Select(JsonWebKey.Read).OfType<JsonWebKey>()];
    }

    private async Task<JsonObject> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await client.GetStreamAsync(address, cancellationToken);
            return await JsonNode.ParseAsync(body, documentOptions: new() { AllowDuplicateProperties = false }, cancellationToken: cancellationToken) as JsonObject
                ?? throw new HttpRequestException($"oidc: {address} answers with no object");
        }
        catch (Exception exception) when (exception is JsonException or UriFormatException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new HttpRequestException($"oidc: {address}: {exception.Message}", exception);
        }
    }

    private static HttpClient Connect(string? authorities)
    {
        var handler = new SocketsHttpHandler { UseCookies = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90) };
        if (authorities is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            policy.CustomTrustStore.ImportFromPem(authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return new(handler) { Timeout = timeout };
    }
}
