using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Portal.Identity.Issuer;

/// <summary>The OpenID Connect issuer's routes: the one seam at which another issuer could stand in.</summary>
public static class IssuerRoutes
{
    private const string DeviceGrantType = "urn:ietf:params:oauth:grant-type:device_code";

    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DeviceLifetime = TimeSpan.FromMinutes(10);

    public static void MapIssuer(this IEndpointRouteBuilder app)
    {
        app.MapGet("/.well-known/openid-configuration", (HttpContext http) => Json(Discovery(Issuer(http))));
        app.MapGet("/oidc/jwks", (Delegate)KeysAsync);
        app.MapGet("/oidc/authorize", (Delegate)AuthorizeAsync).RequireAuthorization();
        app.MapPost("/oidc/device", (Delegate)StartDeviceAsync).DisableAntiforgery();
        app.MapPost("/oidc/token", (Delegate)TokenAsync).DisableAntiforgery();
    }

    private static async Task<IResult> KeysAsync(HttpContext http) => Json(await Get<SigningKeys>(http).PublishAsync(http.RequestAborted));

    private static JsonObject Discovery(string issuer) => new()
    {
        ["issuer"] = issuer,
        ["authorization_endpoint"] = $"{issuer}/oidc/authorize",
        ["token_endpoint"] = $"{issuer}/oidc/token",
        ["device_authorization_endpoint"] = $"{issuer}/oidc/device",
        ["jwks_uri"] = $"{issuer}/oidc/jwks",
        ["response_types_supported"] = new JsonArray("code"),
        ["grant_types_supported"] = new JsonArray("authorization_code", DeviceGrantType),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
        ["code_challenge_methods_supported"] = new JsonArray("S256"),
        ["token_endpoint_auth_methods_supported"] = new JsonArray("none"),
        ["scopes_supported"] = new JsonArray("openid", "email", "profile"),
        ["claims_supported"] = new JsonArray("iss", "sub", "aud", "exp", "iat", "nonce", "email", "name", "groups"),
        ["authorization_response_iss_parameter_supported"] = true,
    };

    // Only what names a good client and address may be told by redirect; the rest must not leave the page (RFC 6749, 4.1.2.1).
    private static async Task<IResult> AuthorizeAsync(HttpContext http)
    {
        string? Of(string name) => http.Request.Query[name] is [{ Length: > 0 } value] ? value : null;
        if (!IssuerClients.Exists(Of("client_id"))) { return Error("invalid_client", "There is no such client."); }
        if (!IssuerClients.MayRedirectTo(Of("redirect_uri"))) { return Error("invalid_request", "redirect_uri must be http on loopback."); }
        var redirect = Of("redirect_uri")!;
        if (Of("response_type") != "code") { return Back(http, redirect, ("error", "unsupported_response_type")); }
        if (Of("code_challenge") is not { Length: 43 } challenge || Of("code_challenge_method") != "S256")
        {
            return Back(http, redirect, ("error", "invalid_request"), ("error_description", "PKCE with S256 is required."));
        }
        var code = NewSecret();
        var user = Guid.Parse(http.User.FindFirstValue(ClaimTypes.NameIdentifier)!);
        await AddAsync(http, code, new(Of("client_id")!, Of("scope") ?? "openid", redirect, challenge, Of("nonce"), null, user, Now(http) + CodeLifetime));
        return Back(http, redirect, ("code", code));
    }

    private static async Task<IResult> StartDeviceAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType) { return Error("invalid_request", "Send a form."); }
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (!IssuerClients.Exists(form["client_id"])) { return Error("invalid_client", "There is no such client."); }
        var scope = form["scope"] is [{ Length: > 0 } asked] ? asked : "openid";
        var (code, userCode) = (NewSecret(), DeviceGrants.NewUserCode());
        await AddAsync(http, code, new(form["client_id"]!, scope, null, null, null, userCode, null, Now(http) + DeviceLifetime));
        var page = $"{Issuer(http)}/device";
        return Json(new()
        {
            ["device_code"] = code,
            ["user_code"] = userCode,
            ["verification_uri"] = page,
            ["verification_uri_complete"] = $"{page}?user_code={userCode}",
            ["expires_in"] = (int)DeviceLifetime.TotalSeconds,
            ["interval"] = 2,
        });
    }

    private static async Task<IResult> TokenAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType) { return Error("invalid_request", "Send a form."); }
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return form["grant_type"].ToString() switch
        {
            "authorization_code" => await ExchangeCodeAsync(http, form),
            DeviceGrantType => await PollDeviceAsync(http, form),
            _ => Error("unsupported_grant_type", "Use authorization_code or device_code."),
        };
    }

    private static async Task<IResult> ExchangeCodeAsync(HttpContext http, IFormCollection form)
    {
        var grant = await Get<IssuerStore>(http).TakeAsync(Hash(form["code"].ToString()), http.RequestAborted);
        var proof = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        return grant is { Challenge: not null }
            && grant.ClientId == form["client_id"] && grant.RedirectUri == form["redirect_uri"] && grant.Challenge == proof
            ? await IssueAsync(http, grant)
            : Error("invalid_grant", "The code is unknown, used, expired, or not yours.");
    }

    private static async Task<IResult> PollDeviceAsync(HttpContext http, IFormCollection form)
    {
        var hash = Hash(form["device_code"].ToString());
        var grant = await Get<IssuerStore>(http).FindAsync(hash, http.RequestAborted);
        if (grant is not { UserCode: not null } || grant.ClientId != form["client_id"]) { return Error("expired_token", "The code is unknown or expired."); }
        if (grant.UserId is null) { return Error("authorization_pending", "The user has not answered yet."); }
        grant = await Get<IssuerStore>(http).TakeAsync(hash, http.RequestAborted);
        return grant is { Refused: false } ? await IssueAsync(http, grant) : Error("access_denied", "The user said no.");
    }

    private static async Task<IResult> IssueAsync(HttpContext http, Grant grant) =>
        await Get<TokenIssuer>(http).IssueAsync(grant, Issuer(http), http.RequestAborted) is { } tokens
            ? Json(tokens)
            : Error("access_denied", "The user may not have this.");

    private static async Task AddAsync(HttpContext http, string code, Grant grant)
    {
        var store = Get<IssuerStore>(http);
        await store.PrepareAsync(http.RequestAborted);
        await store.AddAsync(Hash(code), grant, http.RequestAborted);
    }

    private static IResult Back(HttpContext http, string redirect, params (string Name, string Value)[] answer)
    {
        var parameters = answer.ToDictionary(item => item.Name, item => (string?)item.Value);
        parameters["iss"] = Issuer(http);
        if (http.Request.Query["state"] is [{ Length: > 0 } state]) { parameters["state"] = state; }
        return Results.Redirect(QueryHelpers.AddQueryString(redirect, parameters));
    }

    private static string Issuer(HttpContext http) => UriHelper.BuildAbsolute(http.Request.Scheme, http.Request.Host).TrimEnd('/');

    private static IResult Json(JsonObject body) => Results.Text(body.ToJsonString(), "application/json");

    private static IResult Error(string code, string description) => Results.Text(
        new JsonObject { ["error"] = code, ["error_description"] = description }.ToJsonString(),
        "application/json",
        statusCode: StatusCodes.Status400BadRequest);

    private static T Get<T>(HttpContext http) where T : notnull => http.RequestServices.GetRequiredService<T>();

    private static DateTimeOffset Now(HttpContext http) => Get<TimeProvider>(http).GetUtcNow();

    private static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.ASCII.GetBytes(secret));
}
