using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Authentication;

public sealed class OidcTests : IAsyncLifetime
{
    private IssuerServer issuer = null!;
    private IssuerServer second = null!;
    private RunningServer server = null!;

    public async ValueTask InitializeAsync()
    {
        (issuer, second) = (await IssuerServer.StartAsync(), await IssuerServer.StartAsync());
        server = new() { JwtIssuers = [issuer.Trusted with { RequiredClaims = new Dictionary<string, string>(StringComparer.Ordinal) { ["tenant"] = "us" } }, second.Trusted] };
        await server.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await issuer.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task The_token_of_a_trusted_issuer_is_its_user_until_something_about_it_is_wrong()
    {
        var who = await WhoAsync(issuer.Token("""{"tenant":"us"}"""));
        Assert.Equal("oidc:ann@example.com", who["status.userInfo.username"]);
        Assert.Equal("""["team:dev","team:ops","system:authenticated"]""", who.Json["status"]!["userInfo"]!["groups"]!.ToJsonString());
        Assert.Equal("oidc:ann@example.com", (await WhoAsync(second.Token()))["status.userInfo.username"]);
        foreach (var wrong in (string[])
        [
            """{"tenant":"them"}""", """{"tenant":null}""", """{"tenant":"us","aud":"other"}""", """{"tenant":"us","exp":1}""", """{"tenant":"us","email":null}""",
            """{"tenant":"us","email_verified":false}""", """{"tenant":"us","iss":"https://elsewhere.example"}""", """{"tenant":"us","nbf":99999999999}""", """{"tenant":"us","groups":{"a":1}}""",
        ])
        {
            Assert.True((await WhoAsync(issuer.Token(wrong))).Code == 401, wrong);
        }

        var parts = issuer.Token("""{"tenant":"us"}""").Split('.');
        Assert.Equal(401, (await WhoAsync($"{parts[0]}.{second.Token().Split('.')[1]}.{parts[2]}")).Code);
    }

    [Fact]
    public async Task A_new_key_of_the_issuer_is_found()
    {
        Assert.Equal(201, (await WhoAsync(second.Token())).Code);
        var before = second.Token();
        second.ChangeKey();
        await Eventually.TrueAsync(async () => (await WhoAsync(second.Token())).Code == 201, "the new key counts");
        Assert.Equal(401, (await WhoAsync(before)).Code);
    }

    [Fact]
    public async Task A_token_review_knows_it_too()
    {
        const string path = "/apis/authentication.k8s.io/v1/tokenreviews";
        var review = await server.CreateAsync(path, $$$"""{"spec":{"token":"{{{second.Token()}}}"}}""");
        Assert.Equal(("true", "oidc:ann@example.com"), (review["status.authenticated"], review["status.user.username"]));
        Assert.Equal("", (await server.CreateAsync(path, $$$"""{"spec":{"token":"{{{second.Token()}}}","audiences":["vault"]}}"""))["status.authenticated"]);
        Assert.Equal(400, (await server.CreateAsync(path, """{"spec":{}}""")).Code);
    }

    private async Task<Reply> WhoAsync(string token)
    {
        using var client = server.WithToken(token);
        return await RunningServer.SendAsync(client, HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", "application/json");
    }
}
