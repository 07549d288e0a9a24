using Flotilla.Provisioner.Fleet.Machines;
using Flotilla.Provisioner.Fleet.Projects;
using Flotilla.Provisioner.Fleet.Schema;
using Flotilla.Provisioner.Fleet.Users;
using Flotilla.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Provisioner.Fleet.Tests;

/// <summary>The fleet's services over a migrated database of their own in a real PostgreSQL.</summary>
public sealed class FleetFixture : IAsyncDisposable
{
    private FleetFixture(ServiceProvider services, FleetOptions options) => (Services, Options) = (services, options);

    public ServiceProvider Services { get; }

    public FleetOptions Options { get; }

    public static async Task<FleetFixture> CreateAsync(
        TimeProvider? clock = null, Action<IServiceCollection>? configure = null, string? database = null)
    {
        var server = await PostgresServer.SharedAsync();
        var options = new FleetOptions
        {
            Database = database ?? await server.CreateDatabaseAsync(),
            Home = Directory.CreateTempSubdirectory("flotilla-home-").FullName,
        };
        var services = new ServiceCollection().AddLogging();
        if (clock is not null) { services.AddSingleton(clock); }
        services.AddFleet(options);
        configure?.Invoke(services);
        var fleet = new FleetFixture(services.BuildServiceProvider(), options);
        await fleet.Get<FleetMigrator>().MigrateAsync(CancellationToken.None);
        return fleet;
    }

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    public FleetDbContext Context() => Get<IDbContextFactory<FleetDbContext>>().CreateDbContext();

    public async Task<Actor> AddUserAsync(string name)
    {
        await using var context = Context();
        var user = new FleetUser { Id = Guid.CreateVersion7(), UserName = name, NormalizedUserName = name.ToUpperInvariant() };
        context.Users.Add(user);
        await context.SaveChangesAsync();
        return new(user.Id, name);
    }

    public async Task<Project> AddProjectAsync(string name = "shop", Actor? actor = null)
    {
        var created = await Get<ProjectCommands>().CreateAsync(name, null, actor ?? Actor.System, CancellationToken.None);
        return created.Value ?? throw new InvalidOperationException(created.Error!.Message);
    }

    public async Task<Machine> AddMachineAsync(string name = "machine-1", int capacity = 20)
    {
        await using var context = Context();
        var now = Get<TimeProvider>().GetUtcNow();
        var machine = new Machine
        {
            Name = name,
            Cpus = 4,
            MemoryBytes = 8L << 30,
            Capacity = capacity,
            GatewayEndpoint = "127.0.0.1:6443",
            Version = "0.1.0",
            RegisteredAt = now,
            LastHeartbeat = now,
        };
        context.Machines.Add(machine);
        await context.SaveChangesAsync();
        return machine;
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        Directory.Delete(Options.Home, recursive: true);
    }
}
