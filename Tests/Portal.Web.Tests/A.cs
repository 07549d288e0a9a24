using Flotilla.Provisioner.Fleet.Machines;

namespace Flotilla.Portal.Web.Tests;

internal static class A
{
    public static Machine Machine(string name) => new()
    {
        Name = name,
        Cpus = 8,
        MemoryBytes = 32L << 30,
        Capacity = 10_000,
        GatewayEndpoint = "127.0.0.1:6443",
        Version = "0.1.0",
        RegisteredAt = TimeProvider.System.GetUtcNow(),
        // Of a machine that is never lost.
        LastHeartbeat = TimeProvider.System.GetUtcNow().AddYears(1),
    };
}
