using Flotilla.Provisioner.Alerts.Delivery;
using Flotilla.Provisioner.Alerts.Watching;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Provisioner.Alerts;

public static class AlertServices
{
    /// <summary>Needs the fleet's services and an <see cref="IClusterConnections"/>.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services) => services
        .AddSingleton<AlertBook>()
        .AddSingleton<DeliverySender>()
        .AddSingleton<DeliveryPump>()
        .AddHostedService(provider => provider.GetRequiredService<DeliveryPump>())
        .AddHostedService<AlertWatchers>();
}
