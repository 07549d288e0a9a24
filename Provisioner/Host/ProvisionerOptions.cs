namespace Flotilla.Provisioner.Host;

/// <summary>The command line of <c>provisioner run</c>.</summary>
public sealed record ProvisionerOptions
{
    public required string Home { get; init; }

    public required string Database { get; init; }

    public required string BinDirectory { get; init; }

    public string MachineName { get; init; } = Environment.MachineName.ToLowerInvariant();

    public string GatewayAddress { get; init; } = "127.0.0.1";

    public int GatewayPort { get; init; } = 6443;

    /// <summary>0 works it out from the machine's memory.</summary>
    public int Capacity { get; init; }

    public string Domain { get; init; } = "flotilla.local";
}
