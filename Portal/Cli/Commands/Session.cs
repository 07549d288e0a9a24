using Flotilla.Portal.Cli.Api;
using Flotilla.Portal.Cli.Configuration;
using Flotilla.Portal.Cli.Output;

namespace Flotilla.Portal.Cli.Commands;

/// <summary>What each command works with.</summary>
internal sealed class Session(ConfigFile config, Printer printer, TextReader input)
{
    public ConfigFile Config => config;

    public Printer Printer => printer;

    public Tables Tables { get; } = new(printer.Clock);

    public async Task<PortalClient> ConnectAsync(CancellationToken cancellationToken)
    {
        var current = await config.ReadAsync(cancellationToken);
        return current.Token is null
            ? throw new CliException("not signed in: run 'flotilla login --token TOKEN' or 'flotilla login --device'")
            : new PortalClient(current);
    }

    /// <summary>Asks for the thing's name to be typed unless <paramref name="yes"/>.</summary>
    public async Task ConfirmAsync(string what, string name, bool yes, CancellationToken cancellationToken)
    {
        if (yes) { return; }
        printer.Progress($"This will {what} '{name}'. Type its name to go on:");
        if (await input.ReadLineAsync(cancellationToken) != name) { throw new CliException("the name does not match; nothing was done"); }
    }
}
