using System.Diagnostics;
using System.Runtime.CompilerServices;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.NodeAgent.Kubelet.Problems;

/// <summary>The lines of one log, those of the near past first, then new ones as they come.</summary>
internal static class ProblemLog
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    public static IAsyncEnumerable<string> ReadAsync(ProblemRules log, TimeProvider clock, CancellationToken cancellationToken)
    {
        var lookback = GoDuration.TryParse(log.Lookback, out var nanoseconds) ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick) : TimeSpan.FromMinutes(5);
        return log.Plugin switch
        {
            "kmsg" => KernelAsync(lookback, clock, cancellationToken),
            "journald" => JournalAsync(log, lookback, cancellationToken),
            "filelog" => FileAsync(log.LogPath, clock, cancellationToken),
            var other => throw new FormatException($"log plugin {other} is unknown: kmsg, journald and filelog are there"),
        };
    }

    private static async IAsyncEnumerable<string> KernelAsync(TimeSpan lookback, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var kernel = new KernelLog(lookback);
        while (true)
        {
            while (kernel.Next() is { } line)
            {
                yield return line;
            }

            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    /// <summary>journald's files have a form of their own: its own reader reads them.</summary>
    private static async IAsyncEnumerable<string> JournalAsync(ProblemRules log, TimeSpan lookback, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var arguments = new List<string> { "--follow", "--output=cat", $"--since=-{(long)lookback.TotalSeconds}s", "--no-pager" };
        if (log.LogPath.Length > 0)
        {
            arguments.Add($"--directory={log.LogPath}");
        }

        if (log.PluginConfig.TryGetValue("source", out var source))
        {
            arguments.Add($"--identifier={source}");
        }

        using var reader = Process.Start(new ProcessStartInfo("journalctl", arguments) { RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new IOException("journalctl could not be started");
        try
        {
            while (await reader.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                yield return line;
            }
        }
        finally
        {
            if (!reader.HasExited)
            {
                reader.Kill();
            }
        }

        throw new IOException("journalctl has ended");
    }

    /// <summary>What is written from now on; a file that was cut or replaced is read from its start.</summary>
    private static async IAsyncEnumerable<string> FileAsync(string path, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = File.Exists(path) ? new FileInfo(path).Length : 0;
        while (true)
        {
            if (File.Exists(path))
            {
                await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                file.Position = file.Length < position ? 0 : position;
                using var reader = new StreamReader(file);
                while (await reader.ReadLineAsync(cancellationToken) is { } line)
                {
                    yield return line;
                }

                position = file.Position;
            }

            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }
}
