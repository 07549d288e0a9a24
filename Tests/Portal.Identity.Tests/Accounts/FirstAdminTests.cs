using Flotilla.Portal.Identity.Accounts;
using Flotilla.Portal.Identity.Tokens;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Portal.Identity.Tests.Accounts;

public sealed class FirstAdminTests(IdentityFixture fixture)
{
    [Fact]
    public async Task A_refused_account_leaves_the_link_usable()
    {
        await using var scope = fixture.Scope();
        var link = (await scope.ServiceProvider.GetRequiredService<AdminLinks>().CreateAsync(default))!;
        var firstAdmin = scope.ServiceProvider.GetRequiredService<FirstAdmin>();

        var weak = await firstAdmin.CreateAsync(link, "Ada", "ada@example.com", "short", default);
        var noAddress = await firstAdmin.CreateAsync(link, "Ada", "ada", "correct horse battery", default);
        var made = await firstAdmin.CreateAsync(link, "Ada", "ada@example.com", "correct horse battery", default);
        var again = await firstAdmin.CreateAsync(link, "Eve", "eve@example.com", "correct horse battery", default);

        Assert.Equal("password", Assert.Single(weak.Errors).Field);
        Assert.Equal("email", Assert.Single(noAddress.Errors).Field);
        Assert.True(made.User is { IsPlatformAdmin: true, DisplayName: "Ada" });
        Assert.Equal([FirstAdmin.LinkInvalid], again.Errors);
    }

    [Fact]
    public async Task The_operators_token_is_made_once_and_again_when_it_is_lost()
    {
        await using var scope = fixture.Scope();
        var operatorToken = scope.ServiceProvider.GetRequiredService<OperatorToken>();

        var path = await operatorToken.EnsureAsync(default);
        var first = await File.ReadAllTextAsync(path);
        await operatorToken.EnsureAsync(default);
        var same = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(path, "flt_of another platform");
        await operatorToken.EnsureAsync(default);
        var another = await File.ReadAllTextAsync(path);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(first, same);
        Assert.NotEqual(first, another);
        var owner = await scope.ServiceProvider.GetRequiredService<ApiTokens>().AuthenticateAsync(another, default);
        Assert.True(owner is { IsPlatformAdmin: true, UserName: "operator" });
    }
}
