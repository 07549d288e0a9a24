using System.Diagnostics;
using System.Reflection;

namespace Flotilla.Robustness.Faults;

/// <summary>The <c>clustercore</c> built beside these tests, in the same configuration.</summary>
internal static class Clustercore
{
    private static string Executable { get; } = FindExecutable();

    public static Process Start(params IEnumerable<string> arguments) => Start(Executable, arguments);

    public static Task<(int Code, string Output)> RunAsync(params IEnumerable<string> arguments) => FinishAsync(Executable, arguments);

    /// <summary>Runs a command to its end.</summary>
    /// <returns>Standard output, and behind it standard error.</returns>
    public static async Task<(int Code, string Output)> FinishAsync(string program, params IEnumerable<string> arguments)
    {
        using var process = Start(program, arguments);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (output + await error).Trim());
    }

    private static Process Start(string program, IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static string FindExecutable()
    {
        var here = new DirectoryInfo(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!);
        return Path.Combine(here.Parent!.Parent!.FullName, "ClusterCore.Host", here.Name, "clustercore");
    }
}
