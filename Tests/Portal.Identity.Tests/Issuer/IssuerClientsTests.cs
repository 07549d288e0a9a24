using Flotilla.Portal.Identity.Issuer;

namespace Flotilla.Portal.Identity.Tests.Issuer;

public sealed class IssuerClientsTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8000/callback", true)]
    [InlineData("http://localhost:1/", true)]
    [InlineData("http://[::1]:8000/callback", true)]
    [InlineData("https://127.0.0.1:8000/callback", false)]
    [InlineData("http://127.0.0.1.evil.example/", false)]
    [InlineData("http://localhost@evil.example/", false)]
    [InlineData("http://127.0.0.1:8000/#x", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("/callback", false)]
    [InlineData(null, false)]
    public void Codes_go_to_loopback_alone(string? uri, bool allowed) => Assert.Equal(allowed, IssuerClients.MayRedirectTo(uri));
}
