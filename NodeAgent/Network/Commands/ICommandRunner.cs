namespace Flotilla.NodeAgent.Network.Commands;

/// <summary>Runs a program of the node. One implementation runs it, tests script it.</summary>
internal interface ICommandRunner
{
    /// <exception cref="CommandFailedException">It ended with another exit code than 0, or could not be started.</exception>
    Task<string> RunAsync(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken);
}

internal sealed class CommandFailedException(string message, Exception? inner = null) : Exception(message, inner);
