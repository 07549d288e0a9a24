namespace Flotilla.Portal.Identity.Issuer;

/// <summary>Who may ask for tokens: public clients on the user's desk, which have no secret and prove themselves by PKCE.</summary>
internal static class IssuerClients
{
    /// <summary>The <c>flotilla</c> command line; its access token is an API token.</summary>
    public const string Cli = "flotilla-cli";

    public const string Kubectl = "kubectl";

    public static bool Exists(string? clientId) => clientId is Cli or Kubectl;

    /// <summary>Native applications listen on a port of their own on loopback (RFC 8252, 7.3).</summary>
    public static bool MayRedirectTo(string? uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out var parsed)
        && parsed is { Scheme: "http", Host: "127.0.0.1" or "localhost" or "[::1]", UserInfo: "", Fragment: "" };
}
