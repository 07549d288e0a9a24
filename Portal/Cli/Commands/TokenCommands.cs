using System.CommandLine;
using Flotilla.Portal.Contracts;

namespace Flotilla.Portal.Cli.Commands;

internal static class TokenCommands
{
    public static Command All(Session session) => new("token", "API tokens for programs.")
    {
        Create(session),
        List(session),
        Revoke(session),
    };

    private static Command Create(Session session)
    {
        var name = CommonOptions.Name("token");
        var days = new Option<int?>("--days") { Description = "days until it expires; never when left out" };
        var output = CommonOptions.Output();
        var command = new Command("create", "Create a token; it is shown once.") { name, days, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var created = await portal.PostAsync(
                "tokens",
                new NewToken(parsed.GetValue(name)!, parsed.GetValue(days)),
                PortalJson.Default.NewToken,
                PortalJson.Default.CreatedToken,
                cancellationToken);
            session.Printer.Print(parsed.GetValue(output), created, PortalJson.Default.CreatedToken,
                c => new(["ID", "NAME", "TOKEN"], [[$"{c.View.Id}", c.View.Name, c.Token]]));
        });
        return command;
    }

    private static Command List(Session session)
    {
        var output = CommonOptions.Output();
        var command = new Command("list", "List your tokens.") { output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var tokens = await portal.GetAsync("tokens", PortalJson.Default.IReadOnlyListTokenView, cancellationToken);
            session.Printer.Print(parsed.GetValue(output), tokens, PortalJson.Default.IReadOnlyListTokenView, session.Tables.Tokens);
        });
        return command;
    }

    private static Command Revoke(Session session)
    {
        var id = CommonOptions.Id("token");
        var command = new Command("revoke", "Revoke a token at once.") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            await portal.DeleteAsync($"tokens/{parsed.GetValue(id)}", cancellationToken);
        });
        return command;
    }
}
