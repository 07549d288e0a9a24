using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

internal readonly record struct HostPort(string Address, string Protocol, int Port)
{
    private const string AnyAddress = "0.0.0.0";

    public static HostPort[] Of(PodSpec spec)
    {
        var sidecars = (spec.InitContainers ?? []).Where(container => container.RestartPolicy == "Always");
        return [.. (spec.Containers ?? []).Concat(sidecars)
            .SelectMany(container => container.Ports ?? [])
            .Where(port => port.HostPort > 0)
            .Select(port => new HostPort(Default(port.HostIP, AnyAddress), Default(port.Protocol, "TCP"), port.HostPort))];
    }

    /// <summary>The wildcard address takes the port on every address.</summary>
    public bool Conflicts(HostPort other) =>
        Port == other.Port && Protocol == other.Protocol
        && (Address == other.Address || Address == AnyAddress || other.Address == AnyAddress);

    private static string Default(string? value, string other) => string.IsNullOrEmpty(value) ? other : value;
}
