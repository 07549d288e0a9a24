using System.CommandLine;
using Npgsql;

namespace Flotilla.Portal.Web.Hosting;

/// <summary>What the command line says.</summary>
internal sealed record PortalArguments(string Urls, string Home, string Database)
{
    /// <summary>Where users reach the portal: the first of its URLs.</summary>
    public string PublicUrl => Urls.Split(';')[0].TrimEnd('/').Replace("://0.0.0.0", "://127.0.0.1").Replace("://[::]", "://127.0.0.1");
}

/// <summary>The options that all of the portal's commands take.</summary>
internal sealed class PortalCommandOptions
{
    private readonly Option<string> urls = new("--urls")
    {
        Description = "where to listen, and the base of links",
        DefaultValueFactory = _ => "http://127.0.0.1:8080",
    };

    private readonly Option<string> home = new("--home")
    {
        Description = "the platform's directory (FLOTILLA_HOME)",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("FLOTILLA_HOME") ?? ".flotilla",
    };

    private readonly Option<string?> database = new("--database")
    {
        Description = "PostgreSQL connection string (FLOTILLA_DATABASE)",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("FLOTILLA_DATABASE"),
    };

    public T AddTo<T>(T command) where T : Command
    {
        command.Add(urls);
        command.Add(home);
        command.Add(database);
        return command;
    }

    public PortalArguments Read(ParseResult parsed) => new(
        parsed.GetValue(urls)!,
        Path.GetFullPath(parsed.GetValue(home)!),
        ConnectionString(parsed.GetValue(database)));

    private static string ConnectionString(string? given)
    {
        if (string.IsNullOrWhiteSpace(given))
        {
            throw new StartException("--database (or FLOTILLA_DATABASE) is required: an Npgsql connection string");
        }
        try
        {
            return new NpgsqlConnectionStringBuilder(given).ConnectionString;
        }
        catch (ArgumentException exception)
        {
            throw new StartException($"--database is not an Npgsql connection string: {exception.Message}");
        }
    }
}
