namespace Flotilla.Provisioner.Machines.Processes;

/// <summary>How to start a detached process.</summary>
/// <param name="RecordFile">Where its <see cref="ProcessRecord"/> is kept.</param>
/// <param name="Cgroup">The cgroup it and its children live in, below the root of each hierarchy.</param>
internal sealed record ProcessLaunch(
    string RecordFile,
    string LogFile,
    string Cgroup,
    IReadOnlyList<string> Command)
{
    /// <summary>A process whose network, mounts, process numbers and name it shares.</summary>
    public ProcessRecord? NamespacesOf { get; init; }

    /// <summary>The command forks, as what enters or makes a namespace of processes has to: its child is the process.</summary>
    public bool IsForked { get; init; }

    /// <summary>Added to the supervisor's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
