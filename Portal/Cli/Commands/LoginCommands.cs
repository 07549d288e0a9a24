using System.CommandLine;
using Flotilla.Portal.Cli.Api;
using Flotilla.Portal.Cli.Configuration;
using Flotilla.Portal.Contracts;

namespace Flotilla.Portal.Cli.Commands;

internal static class LoginCommands
{
    public static Command Login(Session session)
    {
        var token = new Option<string?>("--token") { Description = "an API token of the portal" };
        var device = new Option<bool>("--device") { Description = "sign in with a browser, on this machine or another" };
        var server = new Option<string>("--server")
        {
            Description = "the portal's URL",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("FLOTILLA_SERVER") ?? CliConfig.DefaultServer,
        };
        var command = new Command("login", "Sign in to a portal.") { token, device, server };
        command.Validators.Add(result =>
        {
            if (result.GetValue(device) == (result.GetValue(token) is not null)) { result.AddError("Say either --token TOKEN or --device."); }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var config = new CliConfig(parsed.GetValue(server)!, parsed.GetValue(token)?.Trim());
            if (config.Token is null) { config = config with { Token = await DeviceLogin.RunAsync(config.Server, session.Printer, cancellationToken) }; }
            await LoginAsync(session, config, cancellationToken);
        });
        return command;
    }

    public static Command Logout(Session session)
    {
        var command = new Command("logout", "Forget the token.");
        command.SetAction(_ => session.Config.Delete());
        return command;
    }

    public static Command WhoAmI(Session session)
    {
        var output = CommonOptions.Output();
        var command = new Command("whoami", "Show who is signed in.") { output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var me = await portal.GetAsync("me", PortalJson.Default.Me, cancellationToken);
            session.Printer.Print(parsed.GetValue(output), me, PortalJson.Default.Me,
                me => new(["EMAIL", "NAME", "ADMIN"], [[me.Email, me.Name, me.Admin ? "yes" : "no"]]));
        });
        return command;
    }

    private static async Task LoginAsync(Session session, CliConfig config, CancellationToken cancellationToken)
    {
        using var portal = new PortalClient(config);
        var me = await portal.GetAsync("me", PortalJson.Default.Me, cancellationToken);
        await session.Config.WriteAsync(config, cancellationToken);
        session.Printer.Line($"Signed in to {config.Server} as {me.Email}.");
    }
}
