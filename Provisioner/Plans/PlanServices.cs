using Flotilla.Provisioner.Fleet;
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
        .AddSingleton<Workers>()
        .AddSingleton<AccessBindings>()
        .AddSingleton<ClusterPlans>()
        .AddSingleton<StepRunner>()
        .AddSingleton<PlanRunner>()
        .AddSingleton(provider => new OperationRunner(
            provider.GetRequiredService<IDbContextFactory<FleetDbContext>>(),
            provider.GetRequiredService<ClusterPlans>(),
            provider.GetRequiredService<PlanRunner>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<OperationRunner>>()));
}
