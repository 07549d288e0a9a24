using System.ComponentModel;
using System.Diagnostics;

namespace Flotilla.Provisioner.Machines.Commands;

/// <summary>Runs the system's own tools (<c>ip</c>, <c>nft</c>, <c>ctr</c> …) and gives back what they said.</summary>
internal sealed class CommandRunner
{
    /// <exception cref="MachineException">The tool is missing or did not succeed.</exception>
    public async Task<string> RunAsync(string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? input = null)
    {
        var result = await TryRunAsync(tool, arguments, cancellationToken, input);
        return result.ExitCode == 0
            ? result.Output
            : throw new MachineException($"`{tool} {string.Join(' ', arguments)}` failed ({result.ExitCode}): {result.Error.Trim()}");
    }

    /// <exception cref="MachineException">The tool is missing.</exception>
    public async Task<CommandResult> TryRunAsync(
        string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? input = null)
    {
        using var process = Start(tool, arguments);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
            return new(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(string tool, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(tool, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start) ?? throw new MachineException($"`{tool}` did not start.");
        }
        catch (Win32Exception exception)
        {
            throw new MachineException($"`{tool}` cannot be run on this machine ({exception.Message}); run deploy/up to install it.", exception);
        }
    }
}

internal sealed record CommandResult(int ExitCode, string Output, string Error);
