using Flotilla.Portal.Web.Workloads;

namespace Flotilla.Portal.Web.Views;

internal static class ViewServices
{
    /// <summary>What pages and the REST API read.</summary>
    public static IServiceCollection AddPortalViews(this IServiceCollection services) => services
        .AddSingleton<ProjectViews>()
        .AddSingleton<ClusterViews>()
        .AddSingleton<OperationViews>()
        .AddSingleton<AlertChannelViews>()
        .AddSingleton<MemberViews>()
        .AddSingleton<TokenViews>()
        .AddSingleton<AuditViews>()
        .AddSingleton<MachineViews>()
        .AddSingleton<WorkloadFeeds>();
}
