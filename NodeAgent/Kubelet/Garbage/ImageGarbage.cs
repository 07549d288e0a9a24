using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Server.Stats;
using Flotilla.NodeAgent.Runtime;
using Flotilla.NodeAgent.Runtime.Cri;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Garbage;

/// <summary>
/// Removes images that no container of the node was made from when the disk that holds them fills up: first the one that was
/// used longest ago. One that has just come is left alone for a while, because whoever pulled it is about to use it.
/// </summary>
internal sealed partial class ImageGarbage(
    KubeletOptions options, PodWorkers workers, ICriRuntime runtime, UsageReader usage, KubeletMetrics metrics, NodeEvents events, TimeProvider clock, ILogger logger) : IDisposable
{
    private readonly Dictionary<string, ImageAge> ages = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim turn = new(1);
    private string? sandboxImage;
    private bool seenBefore;
    private bool failedBefore;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                failedBefore = !await CollectAsync(cancellationToken);
            }
            catch (CriException exception)
            {
                Failed(exception.Message);
            }

            await Task.Delay(options.ImageGcInterval, clock, cancellationToken);
        }
    }

    /// <summary>For a disk that is full: every image without a user goes, however much it frees.</summary>
    /// <returns>Whether there was anything to remove.</returns>
    public async Task<bool> FreeEverythingAsync(CancellationToken cancellationToken) =>
        await FreeAsync(await LookAsync(cancellationToken), long.MaxValue, cancellationToken) > 0;

    public void Dispose() => turn.Dispose();

    /// <summary>What to remove so that at least <paramref name="bytes"/> become free. Pinned and used images stay, and those that are new.</summary>
    public static IReadOnlyList<Image> Choose(IEnumerable<ImageAge> images, DateTimeOffset now, TimeSpan leastAge, long bytes)
    {
        var chosen = new List<Image>();
        var unused = images.Where(each => !each.Image.Pinned && each.LastUsed < now && now - each.FirstSeen >= leastAge);
        foreach (var (image, _, _) in unused.OrderBy(each => each.LastUsed).ThenBy(each => each.FirstSeen))
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

    /// <returns>False when the disk stays too full.</returns>
    private async Task<bool> CollectAsync(CancellationToken cancellationToken)
    {
        var now = await LookAsync(cancellationToken);
        var disk = await usage.ImageFileSystemAsync(cancellationToken);
        if (disk.Capacity == 0)
        {
            events.Warning("InvalidDiskCapacity", "invalid capacity 0 on image filesystem");
            Failed("invalid capacity 0 on image filesystem");
            return false;
        }

        if (100 - (disk.Available * 100 / disk.Capacity) < options.ImageGcHighPercent)
        {
            return true;
        }

        var wanted = (disk.Capacity * (100 - options.ImageGcLowPercent) / 100) - disk.Available;
        var freed = await FreeAsync(now, wanted, cancellationToken);
        if (freed >= wanted)
        {
            return true;
        }

        var message = $"Failed to garbage collect required amount of images. Attempted to free {wanted} bytes, but only found {freed} bytes eligible to free.";
        events.Warning("FreeDiskSpaceFailed", message);
        Failed(message);
        return false;
    }

    /// <summary>The first failure may be a runtime that has just started: an event tells of those that follow.</summary>
    private void Failed(string message)
    {
        LogFailed(logger, message);
        if (failedBefore)
        {
            events.Warning("ImageGCFailed", message);
        }

        failedBefore = true;
    }

    /// <summary>Notes which images there are and which are in use. What was there before the kubelet is of unknown age: old.</summary>
    private async Task<DateTimeOffset> LookAsync(CancellationToken cancellationToken)
    {
        var images = await runtime.ListImagesAsync(cancellationToken);
        // Asked of the runtime: right after the kubelet's start its own pods are not known yet.
        var containers = await runtime.ListContainersAsync(null, cancellationToken);
        sandboxImage ??= await runtime.SandboxImageAsync(cancellationToken);
        await turn.WaitAsync(cancellationToken);
        try
        {
            var now = clock.GetUtcNow();
            var used = Used(containers);
            foreach (var image in images)
            {
                var before = ages.GetValueOrDefault(image.Id, new(image, seenBefore ? now : DateTimeOffset.MinValue, DateTimeOffset.MinValue));
                ages[image.Id] = before with { Image = image, LastUsed = IsUsed(image, used) ? now : before.LastUsed };
            }

            foreach (var gone in ages.Keys.Except(images.Select(image => image.Id)).ToList())
            {
                ages.Remove(gone);
            }

            seenBefore = true;
            return now;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<long> FreeAsync(DateTimeOffset now, long bytes, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            var freed = 0L;
            foreach (var image in Choose(ages.Values, now, options.ImageMinAge, bytes))
            {
                await runtime.RemoveImageAsync(image.Id, cancellationToken);
                ages.Remove(image.Id);
                freed += (long)image.Size;
                metrics.Count("kubelet_image_garbage_collected_total", ("reason", "space"));
                LogRemoved(logger, image.Id, image.Size);
            }

            return freed;
        }
        finally
        {
            turn.Release();
        }
    }

    private static bool IsUsed(Image image, HashSet<string> used) =>
        used.Contains(image.Id) || image.RepoTags.Any(used.Contains) || image.RepoDigests.Any(used.Contains);

    /// <summary>Those of every container there is, running or not, of every pod that is to have some, and of all sandboxes.</summary>
    private HashSet<string> Used(IReadOnlyList<Container> containers)
    {
        var used = containers.SelectMany(container => (string[])[container.ImageRef, container.Image?.Image ?? ""]).Append(sandboxImage ?? "").ToHashSet(StringComparer.Ordinal);
        foreach (var worker in workers.All)
        {
            used.UnionWith((worker.Pod.Spec.Containers ?? []).Concat(worker.Pod.Spec.InitContainers ?? []).Select(container => Images.ImageName.WithTag(container.Image ?? "")));
        }

        return used;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Image {Image} was removed to free {Bytes} bytes")]
    private static partial void LogRemoved(ILogger logger, string image, ulong bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Images could not be removed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}

/// <param name="FirstSeen">The beginning of time for what was there before the kubelet.</param>
/// <param name="LastUsed">The beginning of time for what was never used.</param>
internal sealed record ImageAge(Image Image, DateTimeOffset FirstSeen, DateTimeOffset LastUsed);
