using System.ComponentModel;
using System.Diagnostics;

namespace Flotilla.NodeAgent.Network.Commands;

/// <summary>Runs programs in this process' network namespace, or in a named one.</summary>
internal sealed class CommandRunner(string? networkNamespace = null) : ICommandRunner
{
    public async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments, input is not null);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        if (input is not null) { await FeedAsync(process, input); }
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new CommandFailedException($"{program} {string.Join(' ', arguments)} failed with {process.ExitCode}: {(await error).Trim()}");
        }
        return await output;
    }

    private Process Start(string program, IReadOnlyList<string> arguments, bool fed)
    {
        string[] words = networkNamespace is null ? [program, .. arguments] : ["ip", "netns", "exec", networkNamespace, program, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = fed,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start) ?? throw new CommandFailedException($"{program} did not start");
        }
        catch (Win32Exception exception)
        {
            throw new CommandFailedException($"{program} cannot be run: {exception.Message}; is it installed?", exception);
        }
    }

    private static async Task FeedAsync(Process process, string input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException exception) when (process.WaitForExit(TimeSpan.FromSeconds(1)))
        {
            // It ended before it had read everything: its exit code and its words say why.
            Debug.WriteLine(exception.Message);
        }
    }
}
