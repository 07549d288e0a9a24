using System.Net;
using Flotilla.Portal.Identity.Accounts;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Portal.Web.Tests.Hosting;

public sealed class SignInTests(FleetFixture fleet) : IDisposable
{
    private const string Password = "correct horse battery";

    private readonly Browser browser = new(fleet.Address);

    public void Dispose() => browser.Dispose();

    [Fact]
    public async Task Who_is_not_signed_in_is_led_to_the_sign_in()
    {
        using var response = await browser.GetAsync("/clusters");

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.StartsWith("/login?ReturnUrl=%2Fclusters", response.Headers.Location!.PathAndQuery);
    }

    [Fact]
    public async Task The_right_password_signs_in_and_leads_back()
    {
        var user = await AddUserAsync();

        var (status, location, _) = await SignInAsync(user, Password, "/login?returnUrl=%2Fprojects");

        Assert.Equal((HttpStatusCode.Redirect, true), (status, location!.EndsWith("/projects", StringComparison.Ordinal)));
        using var page = await browser.GetAsync("/projects");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_user_are_told_alike()
    {
        var user = await AddUserAsync();

        var wrong = await SignInAsync(user, "not the password");
        var unknown = await SignInAsync("nobody@example.com", Password);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (wrong.Status, unknown.Status));
        Assert.Contains("The e-mail or the password is wrong.", wrong.Page);
        Assert.Contains("The e-mail or the password is wrong.", unknown.Page);
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_the_account()
    {
        var user = await AddUserAsync();
        for (var i = 0; i < 5; i++) { await SignInAsync(user, "not the password"); }

        var (status, _, page) = await SignInAsync(user, Password);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Too many failed attempts.", page);
    }

    [Fact]
    public async Task A_wrong_link_says_so()
    {
        var page = await browser.ReadAsync("/setup/no-such-link");

        Assert.Contains("This link does not work", page);
        Assert.DoesNotContain("<form method", page);
    }

    [Fact]
    public async Task The_one_time_link_makes_one_admin()
    {
        var link = await fleet.Services.GetRequiredService<AdminLinks>().CreateAsync(CancellationToken.None);
        var path = $"/setup/{link}";

        var refused = await SetUpAsync(path, "admin@example.com", "short");
        Assert.Equal(HttpStatusCode.OK, refused.Status);
        Assert.Contains("password-error", refused.Page);

        var made = await SetUpAsync(path, "admin@example.com", Password);
        Assert.Equal(HttpStatusCode.Redirect, made.Status);
        using (var clusters = await browser.GetAsync("/machines")) { Assert.Equal(HttpStatusCode.OK, clusters.StatusCode); }

        Assert.Contains("This link does not work", await browser.ReadAsync(path));
        Assert.Null(await fleet.Services.GetRequiredService<AdminLinks>().CreateAsync(CancellationToken.None));
    }

    [Fact]
    public async Task An_invitation_sets_a_password_once()
    {
        string path;
        await using (var scope = fleet.Services.CreateAsyncScope())
        {
            var invitations = scope.ServiceProvider.GetRequiredService<Invitations>();
            var (user, _) = await invitations.AddAsync("Grace", $"{Guid.NewGuid():N}@example.com", isPlatformAdmin: false);
            path = (await invitations.LinkAsync(user!.Id))!;
        }

        var weak = await browser.SubmitAsync(path, ("Input.Password", "short"));
        var set = await browser.SubmitAsync(path, ("Input.Password", Password));

        Assert.Contains("password-error", weak.Page);
        Assert.Equal(HttpStatusCode.Redirect, set.Status);
        Assert.Contains("This link does not work", await browser.ReadAsync(path));
        Assert.Contains("This link does not work", await browser.ReadAsync("/welcome/x/y"));
        using var page = await browser.GetAsync("/users");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }

    private Task<(HttpStatusCode Status, string? Location, string Page)> SignInAsync(string email, string password, string path = "/login") =>
        browser.SubmitAsync(path, ("Input.Email", email), ("Input.Password", password));

    private Task<(HttpStatusCode Status, string? Location, string Page)> SetUpAsync(string path, string email, string password) =>
        browser.SubmitAsync(path, ("Input.Name", "Ada"), ("Input.Email", email), ("Input.Password", password));

    private async Task<string> AddUserAsync()
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        await using var scope = fleet.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<FleetUser>>();
        var result = await users.CreateAsync(new() { Id = Guid.CreateVersion7(), UserName = email, Email = email }, Password);
        Assert.True(result.Succeeded);
        return email;
    }
}
