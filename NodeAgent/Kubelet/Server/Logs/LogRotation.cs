using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Runtime;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Server.Logs;

/// <summary>
/// Keeps each running container's log within bounds: a full file is set aside, the oldest ones are dropped. Looks again when the
/// fastest log will be full, so that all files of one together hold no more than their bound and what comes between two looks.
/// </summary>
internal sealed partial class LogRotation(KubeletOptions options, PodWorkers workers, ICriRuntime runtime, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    private Dictionary<string, long> lengths = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var (wait, looked) = (Interval, clock.GetTimestamp());
        while (true)
        {
            await Task.Delay(wait, clock, cancellationToken);
            var now = clock.GetTimestamp();
            wait = await LookAsync(clock.GetElapsedTime(looked, now), cancellationToken);
            looked = now;
        }
    }

    /// <returns>When the first of all logs may be full.</returns>
    private async Task<TimeSpan> LookAsync(TimeSpan passed, CancellationToken cancellationToken)
    {
        var (next, seen) = (Interval, new Dictionary<string, long>(StringComparer.Ordinal));
        foreach (var worker in workers.All)
        {
            foreach (var record in worker.Observed.Containers.Where(record => record is { Running: true, LogPath.Length: > 0 }))
            {
                var file = new FileInfo(record.LogPath);
                var length = file.Exists ? file.Length : 0;
                var grown = length - lengths.GetValueOrDefault(record.Id);
                // A log that somebody took away is written on where nobody sees it, until it is opened anew.
                var rotated = (length >= options.LogMaxSize || !file.Exists) && await RotateAsync(record.LogPath, record.Id, file.Exists, cancellationToken);
                seen[record.Id] = rotated ? 0 : length;
                var full = grown <= 0 ? Interval : passed * ((double)(options.LogMaxSize - seen[record.Id]) / grown);
                next = full < next ? full : next;
            }
        }

        lengths = seen;
        return next > ShortestInterval ? next : ShortestInterval;
    }

    private async Task<bool> RotateAsync(string path, string containerId, bool exists, CancellationToken cancellationToken)
    {
        var aside = AsideName(path);
        try
        {
            if (exists)
            {
                File.Move(path, aside, overwrite: true);
            }

            await runtime.ReopenContainerLogAsync(containerId, cancellationToken);
            KeepWithinBounds(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or CriException)
        {
            LogFailed(logger, path, exception.Message);
            return false;
        }
    }

    private string AsideName(string path)
    {
        var now = clock.GetUtcNow();
        var name = $"{path}.{now:yyyyMMdd-HHmmss}";
        return File.Exists(name) ? $"{name}.{now:fff}" : name;
    }

    /// <summary>The current file is one of those that are kept: the others may be one fewer, and hold that much together.</summary>
    private void KeepWithinBounds(string path)
    {
        var (places, bytes) = (options.LogMaxFiles - 1, (options.LogMaxFiles - 1) * options.LogMaxSize);
        // Not by a pattern of the file system's: 0.log.* means 0.log as well.
        var current = Path.GetFileName(path) + ".";
        var all = new DirectoryInfo(Path.GetDirectoryName(path)!).GetFiles().Where(file => file.Name.StartsWith(current, StringComparison.Ordinal));
        foreach (var aside in all.OrderByDescending(file => file.Name, StringComparer.Ordinal))
        {
            if (places > 0 && aside.Length <= bytes)
            {
                (places, bytes) = (places - 1, bytes - aside.Length);
                continue;
            }

            if (places == options.LogMaxFiles - 1)
            {
                // A burst between two looks: the end of it is worth more than nothing.
                CutHead(aside, options.LogMaxSize);
            }
            else
            {
                aside.Delete();
            }

            // What is older than something that is missing makes no log.
            places = 0;
        }
    }

    private static void CutHead(FileInfo file, long keep)
    {
        using (var all = file.OpenRead())
        using (var tail = File.Create(file.FullName + ".tmp"))
        {
            all.Position = Math.Max(0, all.Length - keep);
            // The first line is one that was cut.
            while (all.ReadByte() is not (-1 or '\n'))
            {
                continue;
            }

            all.CopyTo(tail);
        }

        File.Move(file.FullName + ".tmp", file.FullName, overwrite: true);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The log {Path} could not be rotated: {Reason}")]
    private static partial void LogFailed(ILogger logger, string path, string reason);
}
