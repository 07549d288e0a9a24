using System.Collections.Concurrent;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Resources;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Runtime;

namespace Flotilla.NodeAgent.Kubelet.Images;

/// <summary>Sees to it that a container's image is on the node, by its pull policy and with a back-off per pod and image.</summary>
/// <param name="nodes">How many nodes share the puller: each brings what one node may pull.</param>
internal sealed class ImagePuller(ICriRuntime runtime, IClusterObjects objects, PodEvents events, TimeProvider clock, int nodes = 1) : IDisposable
{
    private const int ParallelPulls = 5;
    private const double PullsPerSecond = 5;
    private const int PullBurst = 10;

    private readonly RateLimit pulls = new(PullsPerSecond * nodes, PullBurst * nodes, clock);
    private readonly SemaphoreSlim slots = new(ParallelPulls * nodes);
    private readonly ConcurrentDictionary<(string Uid, string Image), (BackOffEntry BackOff, string Failure)> failed = new();

    public async Task<ImageOutcome> EnsureAsync(Pod pod, PodContainer container, CancellationToken cancellationToken)
    {
        var wanted = container.Spec.Image ?? "";
        if (!ImageName.IsValid(wanted))
        {
            return Invalid(pod, container, wanted);
        }

        var name = ImageName.WithTag(wanted);
        var policy = container.Spec.ImagePullPolicy ?? (name.EndsWith(":latest", StringComparison.Ordinal) ? "Always" : "IfNotPresent");
        var present = await runtime.ImageStatusAsync(name, cancellationToken);
        if (policy != "Always" && present is not null)
        {
            events.Normal(pod, container, "Pulled", $"Container image \"{wanted}\" already present on machine");
            return new(present);
        }

        if (policy == "Never")
        {
            var message = $"Container image \"{wanted}\" is not present with pull policy of Never";
            events.Warning(pod, container, "ErrImageNeverPull", message);
            return new(null, new("ErrImageNeverPull", message), clock.GetUtcNow() + RestartBackOff.Initial);
        }

        return BackingOff(pod, container, wanted) ?? await PullAsync(pod, container, name, cancellationToken);
    }

    public void Dispose() => slots.Dispose();

    public void Forget(string podUid)
    {
        foreach (var key in failed.Keys.Where(key => key.Uid == podUid))
        {
            failed.TryRemove(key, out _);
        }
    }

    private ImageOutcome Invalid(Pod pod, PodContainer container, string wanted)
    {
        var message = $"Failed to apply default image tag \"{wanted}\": couldn't parse image name \"{wanted}\": invalid reference format";
        events.Warning(pod, container, "InspectFailed", message);
        return new(null, new("InvalidImageName", message), clock.GetUtcNow() + RestartBackOff.Longest);
    }

    private ImageOutcome? BackingOff(Pod pod, PodContainer container, string wanted)
    {
        if (!failed.TryGetValue((pod.Metadata.Uid!, wanted), out var entry) || entry.BackOff.UpdatedAt + entry.BackOff.Delay <= clock.GetUtcNow())
        {
            return null;
        }

        events.Normal(pod, container, "BackOff", $"Back-off pulling image \"{wanted}\"");
        events.Warning(pod, container, "Failed", "Error: ImagePullBackOff");
        var message = $"Back-off pulling image \"{wanted}\": ErrImagePull: {entry.Failure}";
        return new(null, new("ImagePullBackOff", message), entry.BackOff.UpdatedAt + entry.BackOff.Delay);
    }

    private async Task<ImageOutcome> PullAsync(Pod pod, PodContainer container, string name, CancellationToken cancellationToken)
    {
        var wanted = container.Spec.Image!;
        var key = (pod.Metadata.Uid!, wanted);
        events.Normal(pod, container, "Pulling", $"Pulling image \"{wanted}\"");
        var asked = clock.GetTimestamp();
        await Task.Delay(pulls.Reserve(), clock, cancellationToken);
        await slots.WaitAsync(cancellationToken);
        var started = clock.GetTimestamp();
        try
        {
            await PullWithCredentialsAsync(pod, name, cancellationToken);
        }
        catch (CriException exception) when (!exception.Unreachable)
        {
            return Failed(pod, container, key, exception.RpcError);
        }
        finally
        {
            slots.Release();
        }

        failed.TryRemove(key, out _);
        var image = await runtime.ImageStatusAsync(name, cancellationToken);
        var (took, waited) = (GoDuration.Format((long)clock.GetElapsedTime(started).TotalNanoseconds), GoDuration.Format((long)clock.GetElapsedTime(asked).TotalNanoseconds));
        events.Normal(pod, container, "Pulled", $"Successfully pulled image \"{wanted}\" in {took} ({waited} including waiting). Image size: {image?.Size ?? 0} bytes.");
        return image is null ? Failed(pod, container, key, $"image \"{wanted}\" is missing after its pull") : new(image);
    }

    private async Task PullWithCredentialsAsync(Pod pod, string name, CancellationToken cancellationToken)
    {
        var (candidates, missing) = await PullSecrets.ForAsync(pod, name, objects, cancellationToken);
        if (missing.Count > 0)
        {
            events.Warning(pod, null, "FailedToRetrieveImagePullSecret", $"Unable to retrieve some image pull secrets ({string.Join(", ", missing)}); attempting to pull the image may not succeed.");
        }

        foreach (var credentials in candidates.SkipLast(1))
        {
            try
            {
                await runtime.PullImageAsync(name, credentials, null, cancellationToken);
                return;
            }
            catch (CriException exception) when (!exception.Unreachable)
            {
                // The next credentials may be the right ones; the last try, below, reports its failure.
                continue;
            }
        }

        await runtime.PullImageAsync(name, candidates[^1], null, cancellationToken);
    }

    private ImageOutcome Failed(Pod pod, PodContainer container, (string Uid, string Image) key, string failure)
    {
        var now = clock.GetUtcNow();
        BackOffEntry? before = failed.TryGetValue(key, out var entry) ? entry.BackOff : null;
        var next = RestartBackOff.Next(before, now, now);
        failed[key] = (next, failure);
        events.Warning(pod, container, "Failed", $"Failed to pull image \"{key.Image}\": {failure}");
        events.Warning(pod, container, "Failed", "Error: ErrImagePull");
        // Shown as ErrImagePull for a moment, then as ImagePullBackOff until the next try.
        return new(null, new("ErrImagePull", failure), now + TimeSpan.FromSeconds(1));
    }
}
