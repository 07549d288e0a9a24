using Flotilla.Portal.Identity.Tests;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Schema;
using Flotilla.TestKit;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(IdentityFixture))]

namespace Flotilla.Portal.Identity.Tests;

/// <summary>The identity services on a real PostgreSQL, without a portal around them.</summary>
public sealed class IdentityFixture : IAsyncLifetime
{
    private ServiceProvider services = null!;

    public string Home { get; } = Directory.CreateTempSubdirectory("flotilla-identity-").FullName;

    public string Database { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var server = await PostgresServer.SharedAsync();
        Database = await server.CreateDatabaseAsync();
        services = Build();
        await services.GetRequiredService<FleetMigrator>().MigrateAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Directory.Delete(Home, recursive: true);
    }

    /// <summary>Another portal on the same database and home.</summary>
    public ServiceProvider Build()
    {
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddFleet(new() { Database = Database, Home = Home });
        collection.AddPortalIdentity();
        return collection.BuildServiceProvider();
    }

    public AsyncServiceScope Scope() => services.CreateAsyncScope();
}
