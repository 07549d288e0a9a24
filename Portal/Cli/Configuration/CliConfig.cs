namespace Flotilla.Portal.Cli.Configuration;

/// <summary>Which portal the CLI talks to, and with which token.</summary>
internal sealed record CliConfig(string Server, string? Token)
{
    public const string DefaultServer = "http://127.0.0.1:8080";

    public static readonly CliConfig None = new(DefaultServer, null);
}
