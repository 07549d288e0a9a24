using System.ComponentModel.DataAnnotations;

namespace Flotilla.Provisioner.Fleet;

public sealed class FleetOptions
{
    /// <summary>Npgsql connection string; <c>--database</c> or FLOTILLA_DATABASE.</summary>
    [Required]
    public required string Database { get; init; }

    /// <summary>$FLOTILLA_HOME: secret key, images and the clusters' data.</summary>
    [Required]
    public required string Home { get; init; }

    /// <summary>Clusters are called <c>&lt;id&gt;.clusters.&lt;domain&gt;</c> by the gateway and in certificates.</summary>
    public string Domain { get; init; } = "flotilla.local";

    /// <summary>How long a deleted cluster can be undeleted.</summary>
    public TimeSpan DeletionGrace { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A machine not heard of for this long takes no new clusters.</summary>
    public TimeSpan MachineTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
