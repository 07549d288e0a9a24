using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Machines;
using Flotilla.Provisioner.Plans.Clusters;
using Flotilla.Provisioner.Plans.Engine;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Plans;

public static class PlanServices
{
    /// <summary>Needs the fleet's services and an <c>IMachine</c>.</summary>
    public static IServiceCollection AddPlans(this IServiceCollection services) => services
        .AddSingleton<ClusterApis>()
        .AddSingleton<ClusterRecords>()
        .AddSingleton<Allocation>()
        .AddSingleton<Masters>()
        .AddSingleton<NodeDrain>()
        .AddSingleton<Workers>()
        .AddSingleton<AccessBindings>()
        .AddSingleton<ClusterPlans>()
        .AddSingleton<StepRunner>()
        .AddSingleton<PlanRunner>()
        .AddSingleton<ClusterLocks>()
        .AddSingleton(provider => new ClusterSupervisor(
            provider.GetRequiredService<Masters>(),
            provider.GetRequiredService<Workers>(),
            provider.GetRequiredService<IMachine>(),
            provider.GetRequiredService<ClusterApis>(),
            provider.GetRequiredService<IDbContextFactory<FleetDbContext>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ClusterSupervisor>>()))
        .AddSingleton(provider => new OperationRunner(
            provider.GetRequiredService<IDbContextFactory<FleetDbContext>>(),
            provider.GetRequiredService<ClusterPlans>(),
            provider.GetRequiredService<PlanRunner>(),
            provider.GetRequiredService<ClusterLocks>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<OperationRunner>>()));
}
