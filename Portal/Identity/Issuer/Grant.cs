namespace Flotilla.Portal.Identity.Issuer;

/// <summary>A code on its way to becoming tokens: of the authorization code flow, or of a device.</summary>
/// <param name="Challenge">PKCE, S256.</param>
/// <param name="UserCode">Devices only: what the user types or confirms.</param>
/// <param name="UserId">Null while a device waits for its user.</param>
internal sealed record Grant(
    string ClientId,
    string Scope,
    string? RedirectUri,
    string? Challenge,
    string? Nonce,
    string? UserCode,
    Guid? UserId,
    DateTimeOffset ExpiresAt)
{
    public bool Refused { get; init; }
}
