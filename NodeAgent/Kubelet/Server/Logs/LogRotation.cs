using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Runtime;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Server.Logs;

/// <summary>Keeps each running container's log within bounds: a full file is set aside, and the oldest one dropped.</summary>
internal sealed partial class LogRotation(KubeletOptions options, PodWorkers workers, ICriRuntime runtime, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>A log that was full will soon be full again.</summary>
    private static readonly TimeSpan IntervalInFlood = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var interval = Interval;
        while (true)
        {
            await Task.Delay(interval, clock, cancellationToken);
            interval = Interval;
            foreach (var worker in workers.All)
            {
                interval = await RotateAsync(worker, cancellationToken) ? IntervalInFlood : interval;
            }
        }
    }

    /// <returns>Whether a log was full.</returns>
    private async Task<bool> RotateAsync(PodWorker worker, CancellationToken cancellationToken)
    {
        var full = false;
        foreach (var record in worker.Observed.Containers.Where(record => record.Running))
        {
            var path = Path.Combine(PodLogs.Directory(options, worker.Pod), PodLogs.File(record.Name, record.Attempt));
            if (new FileInfo(path) is not { Exists: true } file || file.Length < options.LogMaxSize)
            {
                continue;
            }

            full = true;
            try
            {
                SetAside(path);
                await runtime.ReopenContainerLogAsync(record.Id, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or CriException)
            {
                LogFailed(logger, path, exception.Message);
            }
        }

        return full;
    }

    private void SetAside(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        var old = Directory.GetFiles(folder, Path.GetFileName(path) + ".*").Order(StringComparer.Ordinal).ToList();
        // The current file is one of those that are kept, and so is the one that it becomes.
        foreach (var oldest in old.Take(old.Count - (options.LogMaxFiles - 2)))
        {
            File.Delete(oldest);
        }

        File.Move(path, $"{path}.{clock.GetUtcNow():yyyyMMdd-HHmmss}", overwrite: true);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The log {Path} could not be rotated: {Reason}")]
    private static partial void LogFailed(ILogger logger, string path, string reason);
}
