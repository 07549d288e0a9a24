namespace Flotilla.ClusterCore.ApiServer.Authentication;

/// <summary>A user known by a token, and the audiences the token is good for among those asked.</summary>
internal sealed record TokenIdentity(UserInfo User, IReadOnlyList<string> Audiences);

/// <summary>One kind of bearer token: service accounts' today, an OIDC issuer's beside it.</summary>
internal interface ITokenAuthenticator
{
    /// <summary>Null when the token is not of this kind, or not good.</summary>
    /// <param name="audiences">Empty: the API server's own.</param>
    ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken);

    /// <summary>Why a token of this kind is not good; null when that is nobody's business, or it is not of this kind.</summary>
    string? ProblemOf(string token, IReadOnlyList<string> audiences) => null;
}
