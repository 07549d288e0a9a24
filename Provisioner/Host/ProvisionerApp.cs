using System.Net;
using Flotilla.Provisioner.Alerts;
using Flotilla.Provisioner.Alerts.Watching;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Schema;
using Flotilla.Provisioner.Gateway;
using Flotilla.Provisioner.Host.Health;
using Flotilla.Provisioner.Host.Jobs;
using Flotilla.Provisioner.Host.Pool;
using Flotilla.Provisioner.Host.Routing;
using Flotilla.Provisioner.Machines;
using Flotilla.Provisioner.Plans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quartz;

namespace Flotilla.Provisioner.Host;

/// <summary>The provisioner, put together.</summary>
public static class ProvisionerApp
{
    public static async Task<int> RunAsync(ProvisionerOptions options, CancellationToken cancellationToken)
    {
        using var host = Build(options);
        var problems = await host.Services.GetRequiredService<IMachine>().FindProblemsAsync(cancellationToken);
        if (problems.Count > 0) { throw new MachineException($"This machine cannot run clusters. {string.Join(' ', problems)}"); }
        await host.Services.GetRequiredService<FleetMigrator>().MigrateAsync(cancellationToken);
        await host.RunAsync(cancellationToken);
        return 0;
    }

    public static async Task<int> MigrateAsync(string home, string database, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddLogging()
            .AddFleet(new() { Home = home, Database = database }).BuildServiceProvider();
        await services.GetRequiredService<FleetMigrator>().MigrateAsync(cancellationToken);
        return 0;
    }

    /// <param name="customize">Replaces parts, in tests.</param>
    public static IHost Build(ProvisionerOptions options, Action<IServiceCollection>? customize = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
        });
        // EF logs as an error that a new database has no history of migrations yet.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.None).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Quartz", LogLevel.Warning);
        builder.Services.AddFleet(new() { Home = options.Home, Database = options.Database, Domain = options.Domain });
        builder.Services.AddSingleton<IMachine>(services => new LocalMachine(
            new() { Home = options.Home, BinDirectory = options.BinDirectory }, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddPlans();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<MachineIdentity>();
        AddGateway(builder.Services, options);
        builder.Services.AddSingleton<IClusterConnections, LocalClusters>();
        customize?.Invoke(builder.Services);

        // In the order of their start: everything after the registration may ask who it is.
        builder.Services.AddHostedService<MachineRegistration>();
        AddJobs(builder.Services, options);
        builder.Services.AddHostedService<ClusterWatchdog>();
        builder.Services.AddHostedService<DeletionClock>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FleetRoutes>());
        builder.Services.AddHostedService<GatewayListener>();
        builder.Services.AddAlerts();
        return builder.Build();
    }

    /// <summary>
    /// A scheduler per machine: the job tables are shared, a machine's jobs are not. Two provisioners of one machine (an old one
    /// that ends, a new one that starts) coordinate through the tables.
    /// </summary>
    private static void AddJobs(IServiceCollection services, ProvisionerOptions options)
    {
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = $"machine {options.MachineName}";
                scheduler.InstanceId = options.MachineName;
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
            });
            quartz.UseDefaultRetryPolicy(OperationJob.Retry);
            quartz.UseDefaultThreadPool(16);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(Npgsql.NpgsqlFactory.Instance, options.Database);
                store.UseClustering(cluster => cluster.CheckinInterval = TimeSpan.FromSeconds(2));
                store.ConfigureStore(table =>
                {
                    table.StoreJobDataAsStrings = true;
                    table.RecoverFiringsCancelledByShutdown = true;
                });
                store.ProvisionSchema();
            });
        });
        services.AddQuartzHostedService(service => service.WaitForJobsToComplete = true);
        services.AddHostedService<OperationDispatcher>();
    }

    private static void AddGateway(IServiceCollection services, ProvisionerOptions options)
    {
        var address = IPAddress.TryParse(options.GatewayAddress, out var parsed) ? parsed : IPAddress.Any;
        services.AddSingleton(new GatewayOptions { Listen = new(address, options.GatewayPort) });
        services.AddSingleton<ClusterWaker>();
        services.AddSingleton<FleetRoutes>();
        services.AddSingleton<IClusterRoutes>(provider => provider.GetRequiredService<FleetRoutes>());
    }
}
