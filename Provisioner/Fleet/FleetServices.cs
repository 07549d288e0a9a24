using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Events;
using Flotilla.Provisioner.Fleet.Projects;
using Flotilla.Provisioner.Fleet.Schema;
using Flotilla.Provisioner.Fleet.Secrets;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Flotilla.Provisioner.Fleet;

public static class FleetServices
{
    /// <summary>
    /// Everything of the fleet: <see cref="FleetDbContext"/> (scoped, and its factory), commands, <see cref="FleetEvents"/>.
    /// Call <see cref="FleetMigrator.MigrateAsync"/> before the first use.
    /// </summary>
    public static IServiceCollection AddFleet(this IServiceCollection services, FleetOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(Options.Create(options));
        services.AddSingleton(_ => NpgsqlDataSource.Create(options.Database));
        services.AddDbContextFactory<FleetDbContext>((provider, builder) =>
            builder.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()));
        // Part of the model: every process must have the same. Version 3 is the one with passkeys.
        services.Configure<IdentityOptions>(identity => identity.Stores.SchemaVersion = IdentitySchemaVersions.Version3);
        services.AddSingleton(_ => SecretBox.Open(options.Home));
        services.AddSingleton<FleetMigrator>();
        services.AddSingleton<ProjectCommands>();
        services.AddSingleton<ClusterCommands>();
        services.AddSingleton<AlertChannelCommands>();
        services.AddSingleton<KubeconfigIssuer>();
        services.AddSingleton<ApiTokens>();
        services.AddSingleton<AdminLinks>();
        services.AddSingleton<FleetEvents>();
        services.AddHostedService(provider => provider.GetRequiredService<FleetEvents>());
        return services;
    }
}
