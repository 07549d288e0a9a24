namespace Flotilla.Portal.Contracts;

public sealed record AuditView(DateTimeOffset At, string Actor, string Action, string Target, string? Detail);

/// <param name="State"><c>active</c>, <c>cordoned</c>, or <c>lost</c> when its heartbeats stopped.</param>
/// <param name="Capacity">How many masters and workers together it may run.</param>
public sealed record MachineView(
    string Name, string State, int Cpus, long MemoryBytes, int Capacity, int Used, string Version, DateTimeOffset LastHeartbeat);
