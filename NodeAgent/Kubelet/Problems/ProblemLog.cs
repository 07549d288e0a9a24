using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.NodeAgent.Kubelet.Problems;

/// <summary>The lines of one log, those of the near past first, then new ones as they come.</summary>
internal static class ProblemLog
{
    private const int BlockSize = 4 << 10;
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
        using var reader = Process.Start(new ProcessStartInfo("journalctl", JournalArguments(log, lookback)) { RedirectStandardOutput = true, UseShellExecute = false })
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

    /// <summary>Without a folder it reads the machine's journal, wherever that is; without a source, what all say.</summary>
    public static IReadOnlyList<string> JournalArguments(ProblemRules log, TimeSpan lookback) =>
    [
        "--follow", "--output=cat", $"--since=-{(long)lookback.TotalSeconds}s", "--no-pager",
        .. log.LogPath.Length > 0 ? (string[])[$"--directory={log.LogPath}"] : [],
        .. log.PluginConfig.TryGetValue("source", out var source) ? (string[])[$"--identifier={source}"] : [],
    ];

    /// <summary>What is written from now on; a file that was cut or replaced is read from its start.</summary>
    private static async IAsyncEnumerable<string> FileAsync(string path, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var atStart = true;
        while (true)
        {
            if (File.Exists(path))
            {
                await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                file.Seek(0, atStart ? SeekOrigin.End : SeekOrigin.Begin);
                await foreach (var line in LinesAsync(file, clock, cancellationToken))
                {
                    yield return line;
                }
            }

            atStart = false;
            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    /// <summary>Whole lines of an open file, until it has been cut, or has another name or none.</summary>
    private static async IAsyncEnumerable<string> LinesAsync(FileStream file, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var name = NameOf(file);
        var block = new byte[BlockSize];
        var unfinished = new List<byte>();
        while (true)
        {
            // Asked before reading: what was written until then is read to its end.
            var isOver = NameOf(file) != name || file.Length < file.Position;
            while (await file.ReadAsync(block, cancellationToken) is > 0 and var read)
            {
                unfinished.AddRange(block.AsSpan(0, read));
                while (unfinished.IndexOf((byte)'\n') is >= 0 and var end)
                {
                    yield return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(unfinished)[..end]).TrimEnd('\r');
                    unfinished.RemoveRange(0, end + 1);
                }
            }

            if (isOver)
            {
                yield break;
            }

            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    private static string? NameOf(FileStream file) => new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget;
}
