using System.Diagnostics;
using System.Text;

namespace Flotilla.EndToEnd.Platform;

public sealed record ShellResult(int ExitCode, string Output, string Error)
{
    /// <summary>The output, when the command succeeded; else the test fails with what it said.</summary>
    public string Text => ExitCode == 0
        ? Output.TrimEnd()
        : throw new InvalidOperationException($"exit code {ExitCode}\nstdout: {Output}\nstderr: {Error}");
}

/// <summary>Runs commands the way a person at a terminal would.</summary>
public static class Shell
{
    public static async Task<ShellResult> RunAsync(
        string command, IReadOnlyDictionary<string, string> environment, string? input = null, int timeoutSeconds = 120)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(timeoutSeconds));
        using var process = Process.Start(StartInfo(command, environment))!;
        StringBuilder output = new(), error = new();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException exception)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"`{command}` did not end within {timeoutSeconds} s\nstdout: {output}\nstderr: {error}", exception);
        }

        return new(process.ExitCode, output.ToString(), error.ToString());
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) { return; }
        lock (text) { text.Append(line).Append('\n'); }
    }

    private static ProcessStartInfo StartInfo(string command, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-c", command])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        foreach (var (name, value) in environment) { start.Environment[name] = value; }
        return start;
    }
}
