using System.CommandLine;
using Flotilla.Provisioner.Machines;
using Npgsql;

namespace Flotilla.Provisioner.Host.Commands;

/// <summary>The command tree, and the one place where a failure to start becomes a line on standard error and an exit code.</summary>
internal static class ProvisionerCommands
{
    private static readonly Option<string> Home = new("--home")
    {
        Description = "Where the platform keeps its state; FLOTILLA_HOME.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("FLOTILLA_HOME") ?? ".flotilla",
    };

    private static readonly Option<string> Database = new("--database")
    {
        Description = "PostgreSQL connection string; FLOTILLA_DATABASE.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("FLOTILLA_DATABASE") ?? "",
    };

    private static readonly Option<string> BinDirectory = new("--bin-dir")
    {
        Description = "Where clustercore and nodeagent are.",
        DefaultValueFactory = _ => AppContext.BaseDirectory,
    };

    private static readonly Option<string> MachineName = new("--machine-name")
    {
        Description = "This machine's name in the pool.",
        DefaultValueFactory = _ => Environment.MachineName.ToLowerInvariant(),
    };

    private static readonly Option<string> GatewayAddress = new("--gateway-address")
    {
        Description = "The address the gateway listens on and users reach it at.",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    private static readonly Option<int> GatewayPort = new("--gateway-port") { DefaultValueFactory = _ => 6443 };

    private static readonly Option<int> Capacity = new("--capacity")
    {
        Description = "How many masters and nodes this machine may run; 0 works it out from its memory.",
    };

    private static readonly Option<string> Domain = new("--domain")
    {
        Description = "Clusters are called <id>.clusters.<domain>.",
        DefaultValueFactory = _ => "flotilla.local",
    };

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Root().Parse(args);
        if (parsed.Errors.Count > 0) { return await FailAsync(string.Join("; ", parsed.Errors.Select(error => error.Message)), 2); }
        try
        {
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception exception) when (exception is MachineException or InvalidOperationException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return await FailAsync(exception.Message, 1);
        }
        catch (NpgsqlException exception)
        {
            return await FailAsync($"PostgreSQL refuses: {exception.Message} Is it running, and is --database right?", 1);
        }
    }

    private static RootCommand Root() => new("Runs the clusters of one machine.") { Run(), Migrate(), StopClusters() };

    private static Command Run()
    {
        var run = new Command("run", "Drives this machine's clusters to what users want, until it is stopped.")
        {
            Home, Database, BinDirectory, MachineName, GatewayAddress, GatewayPort, Capacity, Domain,
        };
        run.SetAction((parsed, cancellationToken) => ProvisionerApp.RunAsync(
            new()
            {
                Home = Path.GetFullPath(parsed.GetValue(Home)!),
                Database = RequiredDatabase(parsed),
                BinDirectory = Path.GetFullPath(parsed.GetValue(BinDirectory)!),
                MachineName = parsed.GetValue(MachineName)!,
                GatewayAddress = parsed.GetValue(GatewayAddress)!,
                GatewayPort = parsed.GetValue(GatewayPort),
                Capacity = parsed.GetValue(Capacity),
                Domain = parsed.GetValue(Domain)!,
            },
            cancellationToken));
        return run;
    }

    private static Command Migrate()
    {
        var migrate = new Command("migrate", "Brings the database to this program's schema.") { Home, Database };
        migrate.SetAction((parsed, cancellationToken) =>
            ProvisionerApp.MigrateAsync(Path.GetFullPath(parsed.GetValue(Home)!), RequiredDatabase(parsed), cancellationToken));
        return migrate;
    }

    private static Command StopClusters()
    {
        var stop = new Command("stop-clusters", "Stops every cluster on this machine and keeps its data; needs no database.") { Home, BinDirectory };
        stop.SetAction((parsed, cancellationToken) =>
        {
            var options = new MachineOptions { Home = Path.GetFullPath(parsed.GetValue(Home)!), BinDirectory = Path.GetFullPath(parsed.GetValue(BinDirectory)!) };
            return new ClusterStop(options.Home, new LocalMachine(options, TimeProvider.System)).RunAsync(cancellationToken);
        });
        return stop;
    }

    private static string RequiredDatabase(ParseResult parsed) => parsed.GetValue(Database) is { Length: > 0 } database
        ? database
        : throw new InvalidOperationException("No database: give --database or set FLOTILLA_DATABASE.");

    private static async Task<int> FailAsync(string message, int code)
    {
        await Console.Error.WriteLineAsync($"provisioner: {message}");
        return code;
    }
}
