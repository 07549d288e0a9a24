using System.CommandLine;
using Flotilla.ClusterCore.Storage.Embedded;

namespace Flotilla.ClusterCore.Host.Commands;

/// <summary>Commands on a store's directory while nothing serves it. Each exits with 1 and one line when it cannot.</summary>
internal static class StoreFileCommands
{
    public static Command Backup()
    {
        Option<string> directory = Directory();
        Argument<string> file = new("file") { Description = "The backup to make, which must not exist; - for standard output." };
        var command = new Command("backup", "Writes the store, as it is, into one checksummed file; a process that serves it goes on.") { directory, file };
        command.SetAction((parsed, cancellationToken) => TryAsync(async () =>
        {
            var (from, to) = (parsed.GetRequiredValue(directory), parsed.GetRequiredValue(file));
            if (to == "-")
            {
                await StoreFiles.BackUpAsync(from, Console.OpenStandardOutput(), cancellationToken);
                return;
            }

            var (revision, keys) = await StoreFiles.BackUpAsync(from, to, cancellationToken);
            Console.WriteLine($"revision {revision} with {keys} keys saved to {to}");
        }));
        return command;
    }

    public static Command Restore()
    {
        Option<string> directory = Directory();
        Argument<string> file = new("file") { Description = "A backup." };
        var command = new Command("restore", "Makes a store out of a backup, in an empty directory.") { directory, file };
        command.SetAction((parsed, _) => TryAsync(() =>
        {
            Print(StoreFiles.Restore(parsed.GetRequiredValue(file), parsed.GetRequiredValue(directory)));
            return Task.CompletedTask;
        }));
        return command;
    }

    public static Command Status() => Reading("status", "Says what a store holds.", static directory => StoreFiles.Verify(directory));

    public static Command Verify() => Reading("verify", "Reads every byte and says whether it is what was written.", static directory => StoreFiles.Verify(directory));

    public static Command Repair() => Reading(
        "repair", "Cuts the log before its first damaged record; what is cut off is kept beside as *.damaged.", static directory => StoreFiles.Repair(directory));

    private static Command Reading(string name, string description, Func<string, StoreReport> read)
    {
        Option<string> directory = Directory();
        var command = new Command(name, description) { directory };
        command.SetAction((parsed, _) => TryAsync(() =>
        {
            var report = read(parsed.GetRequiredValue(directory));
            Print(report);
            return report.Damage is { } damage ? Task.FromException(damage) : Task.CompletedTask;
        }));
        return command;
    }

    private static Option<string> Directory() => new("--data-dir") { Description = "The store's directory.", Required = true };

    private static void Print(StoreReport report)
    {
        Console.WriteLine($"store:     {report.StoreId:x16}");
        Console.WriteLine($"revision:  {report.Revision} (compacted {report.CompactedRevision})");
        Console.WriteLine($"keys:      {report.Keys}");
        Console.WriteLine($"leases:    {report.Leases}");
        Console.WriteLine($"bytes:     {report.Bytes}");
        if (report.TornFile is { } torn)
        {
            Console.WriteLine($"torn:      {torn} at offset {report.TornOffset}: an append that was never acknowledged; the next start cuts it off");
        }
    }

    private static async Task<int> TryAsync(Func<Task> action)
    {
        try
        {
            await action();
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return StoreServeCommand.Fail(exception.Message);
        }
    }
}
