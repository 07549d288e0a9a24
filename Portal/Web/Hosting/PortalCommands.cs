using System.CommandLine;
using System.Net.Sockets;
using Flotilla.Portal.Identity.Tokens;
using Flotilla.Provisioner.Fleet.Schema;
using Flotilla.Provisioner.Fleet.Users;
using Npgsql;

namespace Flotilla.Portal.Web.Hosting;

/// <summary>The <c>portal</c> executable's commands: serve (without a name), <c>admin-link</c>, <c>admin-token</c>.</summary>
internal static class PortalCommands
{
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Root().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync($"portal: {string.Join("; ", parsed.Errors.Select(error => error.Message))}");
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
        }
        catch (Exception exception) when (Explain(exception) is { } line)
        {
            await Console.Error.WriteLineAsync($"portal: {line}");
            return 1;
        }
    }

    private static RootCommand Root()
    {
        var options = new PortalCommandOptions();
        var root = options.AddTo(new RootCommand("The portal: web pages, REST API and sign-in."));
        root.SetAction((parsed, cancellationToken) => ServeAsync(options.Read(parsed), cancellationToken));

        var link = options.AddTo(new Command("admin-link", "Print the one-time link of the first administrator, while there is none."));
        link.SetAction((parsed, cancellationToken) => PrintLinkAsync(options.Read(parsed), cancellationToken));
        root.Add(link);

        var token = options.AddTo(new Command("admin-token", "Make sure the home directory has a valid admin-token; print its path."));
        token.SetAction((parsed, cancellationToken) => PrintTokenPathAsync(options.Read(parsed), cancellationToken));
        root.Add(token);
        return root;
    }

    private static async Task ServeAsync(PortalArguments arguments, CancellationToken cancellationToken)
    {
        await using var app = PortalApp.Build(arguments);
        await app.Services.GetRequiredService<FleetMigrator>().MigrateAsync(cancellationToken);
        await app.RunAsync(cancellationToken);
    }

    private static async Task PrintLinkAsync(PortalArguments arguments, CancellationToken cancellationToken)
    {
        await using var app = PortalApp.Build(arguments);
        await app.Services.GetRequiredService<FleetMigrator>().MigrateAsync(cancellationToken);
        var secret = await app.Services.GetRequiredService<AdminLinks>().CreateAsync(cancellationToken);
        if (secret is not null) { await Console.Out.WriteLineAsync($"{arguments.PublicUrl}/setup/{secret}"); }
    }

    private static async Task PrintTokenPathAsync(PortalArguments arguments, CancellationToken cancellationToken)
    {
        await using var app = PortalApp.Build(arguments);
        await app.Services.GetRequiredService<FleetMigrator>().MigrateAsync(cancellationToken);
        await Console.Out.WriteLineAsync(await app.Services.GetRequiredService<OperatorToken>().EnsureAsync(cancellationToken));
    }

    // What an operator can put right, in words; anything else is a bug and keeps its stack trace.
    private static string? Explain(Exception exception) => exception switch
    {
        StartException => exception.Message,
        NpgsqlException => $"PostgreSQL cannot be used: {exception.Message} (is it running, and is --database right?)",
        SocketException => $"cannot listen: {exception.Message}",
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => exception.Message,
        UnauthorizedAccessException => exception.Message,
        InvalidOperationException { InnerException: NpgsqlException inner } => Explain(inner),
        _ => null,
    };
}
