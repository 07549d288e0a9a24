using System.ComponentModel.DataAnnotations;

namespace Flotilla.Provisioner.Machines;

public sealed class MachineOptions
{
    /// <summary>Where all state of the platform on this machine lives (<c>$FLOTILLA_HOME</c>).</summary>
    [Required]
    public required string Home { get; init; }

    /// <summary>Holds the <c>clustercore</c> and <c>nodeagent</c> executables.</summary>
    [Required]
    public required string BinDirectory { get; init; }

    /// <summary>Sockets and namespaces; short, because a Unix socket's path has at most 107 bytes.</summary>
    public string RunDirectory { get; init; } = "/run/flotilla";

    public string CniBinDirectory { get; init; } = "/usr/lib/cni";

    /// <summary>How long a process may take to end by itself before it is killed.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
