using Flotilla.Provisioner.Fleet.Alerts;

namespace Flotilla.Provisioner.Alerts.Channels;

/// <summary>An alert with the names that people know its cluster and project by; a test message has no cluster.</summary>
public sealed record AlertMessage(Alert Alert, string Project, string? Cluster)
{
    public string Place => Cluster is null ? Project : $"{Project}/{Cluster}";
}
