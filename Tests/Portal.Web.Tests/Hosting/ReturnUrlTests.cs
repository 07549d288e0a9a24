using Flotilla.Portal.Web.Accounts;

namespace Flotilla.Portal.Web.Tests.Hosting;

public sealed class ReturnUrlTests
{
    [Theory]
    [InlineData("/clusters/abc?tab=1", "/clusters/abc?tab=1")]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("clusters", "/")]
    public void Nobody_is_sent_to_another_site(string? given, string expected) => Assert.Equal(expected, ReturnUrl.Local(given));
}
