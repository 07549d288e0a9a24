namespace Flotilla.ClusterCore.ApiServer.Authentication.Oidc;

/// <summary>An issuer of OpenID Connect tokens that this server trusts, and how its claims make a user.</summary>
/// <param name="Url">Exactly as the tokens' <c>iss</c> has it.</param>
/// <param name="Audiences">A token is for one of these, or for somebody else.</param>
public sealed record JwtIssuer(Uri Url, IReadOnlyList<string> Audiences)
{
    /// <summary>Where to read the issuer's configuration when that is not at the issuer's own address.</summary>
    public Uri? DiscoveryUrl { get; init; }

    /// <summary>PEM certificates; null for the machine's.</summary>
    public string? Authorities { get; init; }

    public string UsernameClaim { get; init; } = "sub";

    public string UsernamePrefix { get; init; } = "";

    /// <summary>Null: tokens bring no groups.</summary>
    public string? GroupsClaim { get; init; }

    public string GroupsPrefix { get; init; } = "";

    public string? UidClaim { get; init; }

    public IReadOnlyDictionary<string, string> RequiredClaims { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Asymmetric ones only: a secret shared with the issuer is none.</summary>
    public IReadOnlyList<string> SigningAlgorithms { get; init; } = SupportedAlgorithms;

    public static IReadOnlyList<string> SupportedAlgorithms { get; } = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"];

    public Uri ConfigurationUrl => DiscoveryUrl ?? new($"{Url.OriginalString.TrimEnd('/')}/.well-known/openid-configuration");
}
