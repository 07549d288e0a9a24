using System.Net.Sockets;
using System.Security.Cryptography;
using Flotilla.ClusterCore.Client;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Fleet.Schema;
using Flotilla.Provisioner.Machines;

namespace Flotilla.Provisioner.Plans.Engine;

/// <summary>Why a step failed, and who can do something about it.</summary>
public sealed record StepError(string Code, string Message, ErrorFixer Fixer)
{
    // ENOSPC, as .NET reports errno in an IOException.
    private const int NoSpaceLeft = 28;

    public static StepError From(Exception exception) => exception switch
    {
        StepException step => step.Error,
        MachineException => new("machine.refused", exception.Message, ErrorFixer.Operator),
        IOException { HResult: NoSpaceLeft } => new("machine.disk-full", $"The machine's disk is full: {exception.Message}", ErrorFixer.Operator),
        UnauthorizedAccessException => new("machine.not-permitted", $"{exception.Message} Run the provisioner as root.", ErrorFixer.Operator),
        ApiException or HttpRequestException or SocketException => new("cluster.unreachable", exception.Message, ErrorFixer.Operator),
        TimeoutException => new("step.timeout", exception.Message, ErrorFixer.Operator),
        _ when DatabaseOutage.Explain(exception) is { } outage => new("database.unreachable", outage, ErrorFixer.Operator),
        CryptographicException => new("secret.unreadable", $"{exception.Message} Is secret.key the one the cluster was made with?", ErrorFixer.Operator),
        _ => new("internal", $"{exception.GetType().Name}: {exception.Message}", ErrorFixer.Operator),
    };
}

/// <summary>An expected failure that a step tells in its own words.</summary>
public sealed class StepException(StepError error, bool canRetry = true) : Exception(error.Message)
{
    public StepException(string code, string message, ErrorFixer fixer, bool canRetry = true)
        : this(new(code, message, fixer), canRetry)
    {
    }

    public StepError Error { get; } = error;

    /// <summary>False: trying again cannot help.</summary>
    public bool CanRetry { get; } = canRetry;
}
