namespace Flotilla.Portal.Cli;

/// <summary>A failure whose message is the one line the user reads.</summary>
internal sealed class CliException(string message) : Exception(message);
