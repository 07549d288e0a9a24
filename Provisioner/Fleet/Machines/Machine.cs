namespace Flotilla.Provisioner.Fleet.Machines;

public enum MachineState
{
    Active,

    /// <summary>Keeps what it runs, takes nothing new.</summary>
    Cordoned,
}

/// <summary>A server of the pool, with a provisioner on it that registers it and sends heartbeats.</summary>
public sealed class Machine
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required string Name { get; init; }

    public MachineState State { get; set; }

    public required int Cpus { get; set; }

    public required long MemoryBytes { get; set; }

    /// <summary>How many masters and workers together it may run.</summary>
    public required int Capacity { get; set; }

    /// <summary>Where users reach the gateway on it: <c>host:port</c>.</summary>
    public required string GatewayEndpoint { get; set; }

    public required string Version { get; set; }

    public required DateTimeOffset RegisteredAt { get; init; }

    public required DateTimeOffset LastHeartbeat { get; set; }
}
