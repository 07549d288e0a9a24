using Flotilla.Provisioner.Fleet.Users;
using Flotilla.TestKit;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Tests.Users;

public sealed class TokenTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private FleetFixture fleet = null!;

    public async ValueTask InitializeAsync() => fleet = await FleetFixture.CreateAsync(clock);

    public ValueTask DisposeAsync() => fleet.DisposeAsync();

    [Fact]
    public async Task A_token_names_its_owner_until_it_expires_or_is_revoked()
    {
        var tokens = fleet.Get<ApiTokens>();
        var user = await fleet.AddUserAsync("ada");
        var expiring = await tokens.IssueAsync(user.UserId!.Value, "laptop", TimeSpan.FromHours(1), default);
        var revoked = await tokens.IssueAsync(user.UserId.Value, "phone", null, default);

        Assert.Equal("ada", (await tokens.AuthenticateAsync(expiring.Secret, default))?.UserName);
        Assert.Null(await tokens.AuthenticateAsync(expiring.Secret + "x", default));
        Assert.True(await tokens.RevokeAsync(user.UserId.Value, revoked.Id, default));
        Assert.Null(await tokens.AuthenticateAsync(revoked.Secret, default));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await tokens.AuthenticateAsync(expiring.Secret, default));
    }

    [Fact]
    public async Task The_database_holds_no_secret()
    {
        var user = await fleet.AddUserAsync("ada");
        var token = await fleet.Get<ApiTokens>().IssueAsync(user.UserId!.Value, "laptop", null, default);

        await using var context = fleet.Context();
        var row = await context.ApiTokens.SingleAsync();
        Assert.Equal(32, row.Hash.Length);
        Assert.DoesNotContain(token.Secret[8..], row.Prefix);
    }

    [Fact]
    public async Task Admin_links_work_for_a_day_until_the_first_is_used()
    {
        var links = fleet.Get<AdminLinks>();
        var first = (await links.CreateAsync(default))!;
        var second = (await links.CreateAsync(default))!;

        Assert.True(await links.IsValidAsync(first, default));
        Assert.True(await links.IsValidAsync(second, default));
        string[] clicks = [first, second, first, second];
        var redeemed = await Task.WhenAll(clicks.Select(link => links.RedeemAsync(link, default)));
        Assert.Single(redeemed, once => once);
        Assert.False(await links.IsValidAsync(first, default));
        Assert.False(await links.IsValidAsync(second, default));

        var expired = (await links.CreateAsync(default))!;
        clock.Advance(AdminLinks.Lifetime);
        Assert.False(await links.RedeemAsync(expired, default));
    }

    [Fact]
    public async Task No_link_is_made_once_there_is_an_admin()
    {
        await fleet.AddUserAsync("ada");
        await using var context = fleet.Context();
        await context.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.IsPlatformAdmin, true).SetProperty(user => user.PasswordHash, "x"));

        Assert.Null(await fleet.Get<AdminLinks>().CreateAsync(default));
    }
}
