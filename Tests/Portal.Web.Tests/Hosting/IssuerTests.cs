using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Portal.Web.Tests.Hosting;

public sealed class IssuerTests(FleetFixture fleet) : IAsyncLifetime
{
    private const string Password = "correct horse battery";
    private const string Redirect = "http://127.0.0.1:8000/callback";

    private readonly Browser browser = new(fleet.Address);
    private readonly HttpClient http = new() { BaseAddress = fleet.Address };
    private readonly string verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
    private FleetUser user = null!;

    private Actor Actor => new(user.Id, user.Email!);

    private string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    public async ValueTask InitializeAsync()
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        await using var scope = fleet.Services.CreateAsyncScope();
        user = new() { Id = Guid.CreateVersion7(), UserName = email, Email = email };
        Assert.True((await scope.ServiceProvider.GetRequiredService<UserManager<FleetUser>>().CreateAsync(user, Password)).Succeeded);
        await browser.SubmitAsync("/login", ("Input.Email", email), ("Input.Password", Password));
    }

    public ValueTask DisposeAsync()
    {
        browser.Dispose();
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_discovery_document_names_the_issuer_and_its_endpoints()
    {
        var document = JsonNode.Parse(await http.GetStringAsync("/.well-known/openid-configuration"))!;

        Assert.Equal(fleet.Address.ToString().TrimEnd('/'), (string?)document["issuer"]);
        Assert.Equal(new Uri(fleet.Address, "/oidc/jwks").ToString(), (string?)document["jwks_uri"]);
    }

    [Fact]
    public async Task A_code_with_its_proof_becomes_a_token_that_the_published_key_verifies()
    {
        var code = await AuthorizeAsync("kubectl", "openid", "n1");

        var tokens = await ExchangeAsync("kubectl", code, verifier);

        var claims = await VerifyAsync((string)tokens["id_token"]!);
        Assert.Equal((user.Id.ToString(), "kubectl", "n1", user.Email), ((string?)claims["sub"], (string?)claims["aud"], (string?)claims["nonce"], (string?)claims["email"]));
        Assert.True((long)claims["exp"]! > TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
    }

    [Fact]
    public async Task A_code_works_once_and_only_with_its_proof()
    {
        var stolen = await ExchangeAsync("kubectl", await AuthorizeAsync("kubectl", "openid"), "another verifier");
        var code = await AuthorizeAsync("kubectl", "openid");
        var first = await ExchangeAsync("kubectl", code, verifier);
        var second = await ExchangeAsync("kubectl", code, verifier);

        Assert.Equal(("invalid_grant", null, "invalid_grant"), ((string?)stolen["error"], (string?)first["error"], (string?)second["error"]));
    }

    [Theory]
    [InlineData("nobody", Redirect, HttpStatusCode.BadRequest)]
    [InlineData("kubectl", "https://evil.example/callback", HttpStatusCode.BadRequest)]
    [InlineData("kubectl", "http://127.0.0.1@evil.example/", HttpStatusCode.BadRequest)]
    public async Task Nothing_is_told_to_an_address_that_is_not_a_clients(string client, string redirect, HttpStatusCode status)
    {
        using var response = await browser.GetAsync(AuthorizePath(client, redirect, "openid"));

        Assert.Equal(status, response.StatusCode);
        Assert.Null(response.Headers.Location);
    }

    [Fact]
    public async Task A_clusters_token_is_for_that_cluster_and_its_members_alone()
    {
        var project = await fleet.AddProjectAsync(Actor);
        var other = await fleet.AddUserAsync();
        var foreign = await fleet.AddProjectAsync(other);
        var clusters = fleet.Services.GetRequiredService<ClusterCommands>();
        var mine = (await clusters.CreateAsync(new(project.Id, "mine", ClusterPurpose.Personal, 0), Actor, default)).Value!.ClusterId;
        var theirs = (await clusters.CreateAsync(new(foreign.Id, "theirs", ClusterPurpose.Personal, 0), other, default)).Value!.ClusterId;

        var granted = await ExchangeAsync("kubectl", await AuthorizeAsync("kubectl", $"openid cluster:{mine}"), verifier);
        var refused = await ExchangeAsync("kubectl", await AuthorizeAsync("kubectl", $"openid cluster:{theirs}"), verifier);

        var claims = await VerifyAsync((string)granted["id_token"]!);
        Assert.Equal((mine, "flotilla:admins"), ((string?)claims["aud"], (string?)claims["groups"]![0]));
        Assert.Equal("access_denied", (string?)refused["error"]);
    }

    [Fact]
    public async Task A_device_gets_an_API_token_when_its_user_allows_it()
    {
        var device = await PostAsync("/oidc/device", ("client_id", "flotilla-cli"));
        Assert.Equal("authorization_pending", (string?)(await PollAsync(device))["error"]);

        var page = await browser.SubmitAsync($"/device?user_code={(string)device["user_code"]!}", ("Input.Answer", "allowed"));

        Assert.Contains("device-allowed", page.Page);
        var tokens = await PollAsync(device);
        http.DefaultRequestHeaders.Authorization = new("Bearer", (string)tokens["access_token"]!);
        Assert.Contains(user.Email!, await http.GetStringAsync("/api/v1/me"));
        Assert.Equal("expired_token", (string?)(await PollAsync(device))["error"]);
    }

    [Fact]
    public async Task A_device_that_is_refused_stays_out()
    {
        var device = await PostAsync("/oidc/device", ("client_id", "flotilla-cli"));

        await browser.SubmitAsync($"/device?user_code={((string)device["user_code"]!).ToLowerInvariant()}", ("Input.Answer", "refused"));

        Assert.Equal("access_denied", (string?)(await PollAsync(device))["error"]);
    }

    private Task<JsonNode> PollAsync(JsonNode device) => PostAsync(
        "/oidc/token",
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", "flotilla-cli"), ("device_code", (string)device["device_code"]!));

    private Task<JsonNode> ExchangeAsync(string client, string code, string proof) => PostAsync(
        "/oidc/token",
        ("grant_type", "authorization_code"), ("client_id", client), ("code", code), ("redirect_uri", Redirect), ("code_verifier", proof));

    private async Task<string> AuthorizeAsync(string client, string scope, string nonce = "n")
    {
        using var response = await browser.GetAsync(AuthorizePath(client, Redirect, scope, nonce));
        var answer = QueryHelpers.ParseQuery(response.Headers.Location!.Query);
        Assert.Equal("s1", answer["state"].ToString());
        return answer["code"].ToString();
    }

    private string AuthorizePath(string client, string redirect, string scope, string nonce = "n") => QueryHelpers.AddQueryString("/oidc/authorize", new Dictionary<string, string?>
    {
        ["client_id"] = client,
        ["redirect_uri"] = redirect,
        ["response_type"] = "code",
        ["scope"] = scope,
        ["state"] = "s1",
        ["nonce"] = nonce,
        ["code_challenge"] = Challenge,
        ["code_challenge_method"] = "S256",
    });

    private async Task<JsonNode> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var response = await http.PostAsync(path, form);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private async Task<JsonNode> VerifyAsync(string token)
    {
        var parts = token.Split('.');
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!;
        var keys = JsonNode.Parse(await http.GetStringAsync("/oidc/jwks"))!["keys"]!.AsArray();
        var key = keys.Single(candidate => (string?)candidate!["kid"] == (string?)header["kid"])!;
        using var verification = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = Base64Url.DecodeFromChars((string)key["x"]!), Y = Base64Url.DecodeFromChars((string)key["y"]!) },
        });
        Assert.True(verification.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
        return JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
    }
}
