using System.Diagnostics;

namespace Flotilla.Benchmarks.SafeByDefault;

/// <summary>kubectl as a user starts it: a process for each command.</summary>
internal sealed class KubectlCommand(string kubeconfig)
{
    public async Task<string> RunAsync(string[] arguments, CancellationToken cancellationToken, string? input = null)
    {
        using var process = Process.Start(new ProcessStartInfo("kubectl", ["--kubeconfig", kubeconfig, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}: {await error}");
    }
}
