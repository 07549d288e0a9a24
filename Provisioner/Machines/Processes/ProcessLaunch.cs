namespace Flotilla.Provisioner.Machines.Processes;

/// <summary>How to start a detached process.</summary>
/// <param name="RecordFile">Where its <see cref="ProcessRecord"/> is kept.</param>
/// <param name="Cgroup">The cgroup it and its children live in, below the root of each hierarchy.</param>
/// <param name="NetworkNamespace">A file of a network namespace to enter.</param>
/// <param name="MountNamespace">A file of a mount namespace to enter.</param>
internal sealed record ProcessLaunch(
    string RecordFile,
    string LogFile,
    string Cgroup,
    IReadOnlyList<string> Command,
    string? NetworkNamespace = null,
    string? MountNamespace = null)
{
    /// <summary>Added to the supervisor's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
