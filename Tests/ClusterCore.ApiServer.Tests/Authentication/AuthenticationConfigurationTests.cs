using System.Text;
using Flotilla.ClusterCore.ApiServer.Authentication.Oidc;

namespace Flotilla.ClusterCore.ApiServer.Tests.Authentication;

public sealed class AuthenticationConfigurationTests
{
    private const string Head = "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\njwt:\n";

    [Fact]
    public void Several_issuers_are_read()
    {
        var read = Read("""
            - issuer: {url: https://one.example, audiences: [a, b], audienceMatchPolicy: MatchAny, discoveryURL: https://inside.example/discovery}
              claimValidationRules: [{claim: hd, requiredValue: example.com}]
              claimMappings: {username: {claim: email, prefix: ""}, groups: {claim: roles, prefix: "r:"}, uid: {claim: sub}}
            - issuer: {url: https://two.example/, audiences: [c]}
              claimMappings: {username: {claim: sub, prefix: "two:"}}
            """);
        Assert.Equal(["https://one.example", "https://two.example/"], read.Select(issuer => issuer.Url.OriginalString));
        Assert.Equal(("email", "", "roles", "r:", "sub", "example.com"),
            (read[0].UsernameClaim, read[0].UsernamePrefix, read[0].GroupsClaim, read[0].GroupsPrefix, read[0].UidClaim, read[0].RequiredClaims["hd"]));
        Assert.Equal(["https://inside.example/discovery", "https://two.example/.well-known/openid-configuration"], read.Select(issuer => issuer.ConfigurationUrl.ToString()));
    }

    [Theory]
    [InlineData("- issuer: {url: http://one.example, audiences: [a]}\n  claimMappings: {username: {claim: sub, prefix: ''}}", "jwt[0].issuer.url: Invalid value: \"http://one.example\": URL scheme must be https")]
    [InlineData("- issuer: {url: https://one.example}\n  claimMappings: {username: {claim: sub, prefix: ''}}", "jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required")]
    [InlineData("- issuer: {url: https://one.example, audiences: [a]}\n  claimMappings: {username: {expression: claims.sub}}", "jwt[0].claimMappings.username.expression: Forbidden: CEL expressions are not supported by this server")]
    [InlineData("- issuer: {url: https://one.example, audiences: [a]}\n  claimMappings: {username: {claim: sub}}",
        "jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing")]
    [InlineData("- issuer: {url: https://one.example, audiences: [a]}\n  claimMappings: {username: {claim: sub, prefix: ''}}\n  userValidationRules: [{expression: 'true'}]",
        "jwt[0].userValidationRules: Forbidden: CEL expressions are not supported by this server")]
    public void What_is_wrong_is_named(string jwt, string fault) => Assert.Equal(fault, Assert.Throws<FormatException>(() => Read(jwt)).Message);

    private static IReadOnlyList<JwtIssuer> Read(string jwt) => AuthenticationConfiguration.Read(Encoding.UTF8.GetBytes(Head + jwt));
}
