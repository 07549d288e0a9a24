using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Resources;
using Flotilla.NodeAgent.Kubelet.Containers;

namespace Flotilla.NodeAgent.Kubelet.Volumes;

/// <summary>One pod's volumes on the node: made before its containers, refreshed while it runs, removed after it.</summary>
internal sealed class PodVolumes(PodDirectories directories, IClusterObjects objects, TimeProvider clock)
{
    private readonly ServiceAccountTokens tokens = new(objects, clock);
    private readonly Dictionary<string, string> paths = new(StringComparer.Ordinal);
    private readonly HashSet<string> shared = new(StringComparer.Ordinal);

    /// <summary>The folder or file on the node that a volume's mounts come from.</summary>
    public string PathOf(string volume) =>
        paths.TryGetValue(volume, out var path) ? path : throw new ContainerConfigException($"volume \"{volume}\" is not set up");

    /// <summary>Sets up every volume, or brings the files of those that follow the cluster up to date.</summary>
    public async Task SetUpAsync(Pod pod, DownwardFields fields, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directories.Pod);
        var files = new ProjectedFiles(pod, objects, fields, tokens);
        foreach (var volume in pod.Spec?.Volumes ?? [])
        {
            try
            {
                paths[volume.Name] = await SetUpAsync(pod, volume, files, cancellationToken);
            }
            catch (Exception exception) when (exception is ContainerConfigException or IOException or UnauthorizedAccessException)
            {
                throw new VolumeException(volume.Name, exception.Message);
            }
        }
    }

    /// <summary>Removes what was made; host paths and claims keep their data.</summary>
    public void Remove() => Remove(directories);

    public static void Remove(PodDirectories directories)
    {
        MountPoint.UnmountBelow(directories.Pod);
        if (Directory.Exists(directories.Pod))
        {
            Directory.Delete(directories.Pod, recursive: true);
        }
    }

    private async Task<string> SetUpAsync(Pod pod, Volume volume, ProjectedFiles files, CancellationToken cancellationToken)
    {
        if (await files.OfAsync(volume, cancellationToken) is { } content)
        {
            var path = directories.Volume(Plugin(volume), volume.Name);
            new AtomicFiles(path, clock, pod.Spec?.SecurityContext?.FsGroup).Write(content);
            return path;
        }

        return volume switch
        {
            { EmptyDir: { } empty } => EmptyDirectory(pod, volume.Name, empty),
            { HostPath: { } host } => HostPaths.Prepare(host),
            { PersistentVolumeClaim: { } claim } => await ClaimAsync(pod, claim, cancellationToken),
            { Ephemeral: not null } => await ClaimAsync(pod, new() { ClaimName = $"{pod.Metadata.Name}-{volume.Name}" }, cancellationToken),
            _ => throw new ContainerConfigException("this kind of volume is not supported by the node"),
        };
    }

    private string EmptyDirectory(Pod pod, string name, EmptyDirVolumeSource source)
    {
        var path = directories.Volume("empty-dir", name);
        if (source.Medium is not (null or "" or "Memory"))
        {
            throw new ContainerConfigException($"the medium {source.Medium} is not supported by the node");
        }

        if (source.Medium == "Memory")
        {
            MountPoint.Memory(path, source.SizeLimit is { } limit ? Quantity.Parse(limit).Value : 0);
        }

        Directory.CreateDirectory(path);
        Ownership.Open(path, pod.Spec?.SecurityContext?.FsGroup);
        return path;
    }

    private async Task<string> ClaimAsync(Pod pod, PersistentVolumeClaimVolumeSource claim, CancellationToken cancellationToken)
    {
        var volume = await objects.ClaimedVolumeAsync(pod.Metadata.Namespace ?? "default", claim.ClaimName, cancellationToken)
            ?? throw new ContainerConfigException($"persistentvolumeclaim \"{claim.ClaimName}\" is not bound");
        var path = volume.Spec switch
        {
            { HostPath: { } host } => HostPaths.Prepare(host with { Type = host.Type is { Length: > 0 } ? host.Type : "DirectoryOrCreate" }),
            // Nobody makes it: what a local volume promises is the disk that is mounted there.
            { Local.Path: { Length: > 0 } local } => Path.Exists(local) ? local : throw new ContainerConfigException($"path \"{local}\" does not exist"),
            _ => throw new ContainerConfigException($"persistentvolume \"{volume.Metadata.Name}\" is of a kind that is not supported by the node"),
        };
        if (ReclaimedVolumes.IsMadeHere(volume))
        {
            ReclaimedVolumes.Remember(directories.Root, volume);
        }

        // Once for each pod, as large volumes take their time. What a hostPath volume of somebody's own making leads to stays whose it is.
        if (pod.Spec?.SecurityContext is { FsGroup: { } group } security && Directory.Exists(path) && (volume.Spec.Local is not null || ReclaimedVolumes.IsMadeHere(volume)) && shared.Add(path))
        {
            Ownership.Share(path, group, claim.ReadOnly == true, security.FsGroupChangePolicy);
        }

        return path;
    }

    private static string Plugin(Volume volume) => volume switch
    {
        { ConfigMap: not null } => "configmap",
        { Secret: not null } => "secret",
        { DownwardAPI: not null } => "downward-api",
        _ => "projected",
    };
}
