using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Volumes;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>What is mounted into a container: its volumes, <c>/etc/hosts</c> and the file for its last words.</summary>
internal sealed class ContainerMounts(Pod pod, PodDirectories directories, PodVolumes volumes)
{
    public IEnumerable<Mount> Of(PodContainer container, uint attempt, IReadOnlyDictionary<string, string> variables)
    {
        if (container.Spec.VolumeDevices is [var device, ..])
        {
            throw new ContainerConfigException($"volume \"{device.Name}\" is asked for as a block device, which is not supported by the node");
        }

        if (container.Spec.VolumeMounts?.FirstOrDefault(mount => mount.RecursiveReadOnly == "Enabled") is { } recursive)
        {
            throw new ContainerConfigException(
                $"failed to resolve recursive read-only mode: volume \"{recursive.Name}\" requested recursive read-only mode, but it is not supported by the runtime");
        }

        foreach (var (mount, index) in (container.Spec.VolumeMounts ?? []).Select((mount, index) => (mount, index)))
        {
            yield return new()
            {
                ContainerPath = mount.MountPath.StartsWith('/') ? mount.MountPath : $"/{mount.MountPath}",
                HostPath = Source(container, mount, index, variables),
                Readonly = mount.ReadOnly || ReadOnlyKind(mount.Name),
                Propagation = mount.MountPropagation switch
                {
                    "HostToContainer" => MountPropagation.PropagationHostToContainer,
                    "Bidirectional" => MountPropagation.PropagationBidirectional,
                    _ => MountPropagation.PropagationPrivate,
                },
            };
        }

        if (File.Exists(directories.HostsFile) && container.Spec.VolumeMounts?.Any(mount => mount.MountPath == "/etc/hosts") != true)
        {
            yield return new() { ContainerPath = "/etc/hosts", HostPath = directories.HostsFile };
        }

        var lastWords = directories.TerminationMessage(container.Name, attempt);
        Directory.CreateDirectory(Path.GetDirectoryName(lastWords)!);
        File.WriteAllBytes(lastWords, []);
        File.SetUnixFileMode(lastWords, (UnixFileMode)0b110_110_110);
        yield return new() { ContainerPath = container.Spec.TerminationMessagePath ?? "/dev/termination-log", HostPath = lastWords };
    }

    private bool ReadOnlyKind(string volume) => pod.Spec?.Volumes?.FirstOrDefault(candidate => candidate.Name == volume) is
    { ConfigMap: not null } or { Secret: not null } or { Projected: not null } or { DownwardAPI: not null } or { PersistentVolumeClaim.ReadOnly: true };

    private string Source(PodContainer container, VolumeMount mount, int index, IReadOnlyDictionary<string, string> variables)
    {
        var volume = volumes.PathOf(mount.Name);
        var subPath = mount.SubPathExpr is { Length: > 0 } expression ? VariableExpansion.Expand(expression, variables) : mount.SubPath;
        if (subPath is not { Length: > 0 })
        {
            return volume;
        }

        var resolved = SubPaths.Resolve(volume, subPath);
        var bound = directories.SubPath(container.Name, index);
        MountPoint.BindTo(resolved, bound);
        return bound;
    }
}
