using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Server.Stats;
using Flotilla.NodeAgent.Runtime;
using Flotilla.NodeAgent.Runtime.Cri;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Garbage;

/// <summary>Removes images that no pod of the node names, largest first, when the disk that holds them fills up.</summary>
internal sealed partial class ImageGarbage(KubeletOptions options, PodWorkers workers, ICriRuntime runtime, KubeletMetrics metrics, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Interval, clock, cancellationToken);
            try
            {
                await CollectAsync(cancellationToken);
            }
            catch (CriException exception)
            {
                LogFailed(logger, exception.Message);
            }
        }
    }

    /// <summary>For a disk that is full: every image without a user goes, however much it frees.</summary>
    /// <returns>Whether there was anything to remove.</returns>
    public async Task<bool> FreeEverythingAsync(CancellationToken cancellationToken)
    {
        var removed = false;
        foreach (var image in Choose(await runtime.ListImagesAsync(cancellationToken), Used(), long.MaxValue))
        {
            await RemoveAsync(image, cancellationToken);
            removed = true;
        }

        return removed;
    }

    /// <summary>What to remove so that at least <paramref name="bytes"/> become free. Pinned and used images stay.</summary>
    public static IReadOnlyList<Image> Choose(IEnumerable<Image> images, IReadOnlySet<string> used, long bytes)
    {
        var chosen = new List<Image>();
        foreach (var image in images.Where(image => !image.Pinned && !IsUsed(image, used)).OrderByDescending(image => image.Size))
        {
            if (bytes <= 0)
            {
                break;
            }

            chosen.Add(image);
            bytes -= (long)image.Size;
        }

        return chosen;
    }

    private static bool IsUsed(Image image, IReadOnlySet<string> used) =>
        used.Contains(image.Id) || image.RepoTags.Any(used.Contains) || image.RepoDigests.Any(used.Contains);

    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        var mountpoint = (await runtime.ImageFsInfoAsync(cancellationToken)).ImageFilesystems.FirstOrDefault()?.FsId?.Mountpoint;
        var disk = new DriveInfo(mountpoint is { Length: > 0 } ? mountpoint : options.RootDirectory);
        var inUse = disk.TotalSize - disk.AvailableFreeSpace;
        if (inUse * 100 < disk.TotalSize * options.ImageGcHighPercent)
        {
            return;
        }

        foreach (var image in Choose(await runtime.ListImagesAsync(cancellationToken), Used(), inUse - (disk.TotalSize / 100 * options.ImageGcLowPercent)))
        {
            await RemoveAsync(image, cancellationToken);
        }
    }

    private async Task RemoveAsync(Image image, CancellationToken cancellationToken)
    {
        await runtime.RemoveImageAsync(image.Id, cancellationToken);
        metrics.Count("kubelet_image_garbage_collected_total");
        LogRemoved(logger, image.Id, image.Size);
    }

    private HashSet<string> Used()
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var worker in workers.All)
        {
            used.UnionWith((worker.Pod.Spec.Containers ?? []).Concat(worker.Pod.Spec.InitContainers ?? []).Select(container => Images.ImageName.WithTag(container.Image ?? "")));
            used.UnionWith(worker.Observed.Containers.Select(record => record.ImageId));
        }

        return used;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Image {Image} was removed to free {Bytes} bytes")]
    private static partial void LogRemoved(ILogger logger, string image, ulong bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Images could not be looked through: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
