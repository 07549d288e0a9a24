namespace Flotilla.Provisioner.Machines.Processes;

/// <summary>
/// A process that outlives its starter: its id and its start time in clock ticks since boot (field 22 of
/// <c>/proc/[pid]/stat</c>), which together name it even after the id has been given to another process.
/// </summary>
public sealed record ProcessRecord(int Pid, long StartTicks);
