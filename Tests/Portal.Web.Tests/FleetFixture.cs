using Flotilla.Portal.Web.Hosting;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Projects;
using Flotilla.Provisioner.Fleet.Schema;
using Flotilla.Provisioner.Fleet.Users;
using Flotilla.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(Flotilla.Portal.Web.Tests.FleetFixture))]

namespace Flotilla.Portal.Web.Tests;

/// <summary>One portal on one real PostgreSQL for all tests; each test has users and projects of its own.</summary>
public sealed class FleetFixture : IAsyncLifetime
{
    private readonly string home = Directory.CreateTempSubdirectory("flotilla-portal-").FullName;
    private WebApplication app = null!;
    private int users;

    public Uri Address { get; private set; } = null!;

    public IServiceProvider Services => app.Services;

    public async ValueTask InitializeAsync()
    {
        var server = await PostgresServer.SharedAsync();
        app = PortalApp.Build(new("http://127.0.0.1:0", home, await server.CreateDatabaseAsync()));
        await Services.GetRequiredService<FleetMigrator>().MigrateAsync(CancellationToken.None);
        await app.StartAsync();
        Address = new(app.Urls.Single());
        await ChangeAsync(context => context.Machines.Add(A.Machine("host-1")));
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        Directory.Delete(home, recursive: true);
    }

    public async Task<Actor> AddUserAsync(bool isPlatformAdmin = false)
    {
        var name = $"user{Interlocked.Increment(ref users)}@example.com";
        var user = new FleetUser { Id = Guid.CreateVersion7(), UserName = name, Email = name, NormalizedEmail = name.ToUpperInvariant(), IsPlatformAdmin = isPlatformAdmin };
        await ChangeAsync(context => context.Users.Add(user));
        return new(user.Id, name, isPlatformAdmin);
    }

    public async Task<Project> AddProjectAsync(Actor owner, string? name = null)
    {
        var outcome = await Services.GetRequiredService<ProjectCommands>()
            .CreateAsync(name ?? $"p{Guid.NewGuid():N}"[..12], null, owner, CancellationToken.None);
        return outcome.Value ?? throw new InvalidOperationException(outcome.Error!.Message);
    }

    public async Task<string> AddTokenAsync(Actor owner) =>
        (await Services.GetRequiredService<ApiTokens>().IssueAsync(owner.UserId!.Value, "test", null, CancellationToken.None)).Secret;

    public async Task ChangeAsync(Action<FleetDbContext> change)
    {
        await using var context = await Contexts.CreateDbContextAsync();
        change(context);
        await context.SaveChangesAsync(acceptAllChangesOnSuccess: true);
    }

    public async Task<T> ReadAsync<T>(Func<FleetDbContext, Task<T>> read)
    {
        await using var context = await Contexts.CreateDbContextAsync();
        return await read(context);
    }

    private IDbContextFactory<FleetDbContext> Contexts => Services.GetRequiredService<IDbContextFactory<FleetDbContext>>();
}
