using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.NodeAgent.Kubelet.Volumes;
using Flotilla.NodeAgent.Runtime;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>One container in CRI's words.</summary>
internal sealed class ContainerConfigBuilder(
    Pod pod, PodDirectories directories, PodVolumes volumes, EnvironmentBuilder environment, long nodeMemory, bool cgroupV2)
{
    public const string ImageAnnotation = "flotilla.io/image";
    public const string ResourcesAnnotation = "flotilla.io/resources";

    private readonly PodSpec spec = pod.Spec ?? new();

    public async Task<ContainerConfig> BuildAsync(
        PodContainer container, uint attempt, Image image, string? targetId, CancellationToken cancellationToken)
    {
        var variables = await environment.BuildAsync(pod, container.Spec, cancellationToken);
        var config = new ContainerConfig
        {
            Metadata = new() { Name = container.Name, Attempt = attempt },
            Image = new() { Image = image.Id },
            WorkingDir = container.Spec.WorkingDir ?? "",
            LogPath = PodLogs.File(container.Name, attempt),
            Stdin = container.Spec.Stdin,
            StdinOnce = container.Spec.StdinOnce,
            Tty = container.Spec.Tty,
            Linux = new()
            {
                Resources = ContainerResources.Of(spec, container, nodeMemory, cgroupV2),
                SecurityContext = SecurityMapping.Of(spec, container, targetId, directories.Seccomp),
            },
        };
        config.Command.AddRange((container.Spec.Command ?? []).Select(word => VariableExpansion.Expand(word, variables)));
        config.Args.AddRange((container.Spec.Args ?? []).Select(word => VariableExpansion.Expand(word, variables)));
        config.Envs.AddRange(variables.Select(pair => new KeyValue { Key = pair.Key, Value = pair.Value }));
        config.Mounts.AddRange(new ContainerMounts(pod, directories, volumes).Of(container, attempt, variables));
        SetUser(config.Linux.SecurityContext, container, image);
        SetLabels(config, container);
        return config;
    }

    /// <summary>Without a user of its own the container runs as its image says, which must not be root where that is forbidden.</summary>
    private void SetUser(LinuxContainerSecurityContext security, PodContainer container, Image image)
    {
        if (security.RunAsUser is null)
        {
            security.RunAsUser = image.Uid;
            security.RunAsUsername = image.Uid is null ? image.Username : "";
        }

        if ((container.Spec.SecurityContext?.RunAsNonRoot ?? spec.SecurityContext?.RunAsNonRoot) != true)
        {
            if (security.RunAsGroup is not null && security.RunAsUser is null && security.RunAsUsername.Length == 0)
            {
                security.RunAsUser = new() { Value = 0 };
            }

            return;
        }

        if (security.RunAsUsername.Length > 0)
        {
            throw new ContainerConfigException(
                $"container has runAsNonRoot and image has non-numeric user ({security.RunAsUsername}), cannot verify user is non-root (pod: \"{PodNames.Full(pod)}\", container: {container.Name})");
        }

        if (security.RunAsUser is null or { Value: 0 })
        {
            var who = image.Uid is null or { Value: 0 } && container.Spec.SecurityContext?.RunAsUser is null && spec.SecurityContext?.RunAsUser is null
                ? "image will run as root"
                : "runAsUser is 0";
            throw new ContainerConfigException($"container has runAsNonRoot and {who} (pod: \"{PodNames.Full(pod)}\", container: {container.Name})");
        }
    }

    private void SetLabels(ContainerConfig config, PodContainer container)
    {
        config.Labels[CriLabels.PodName] = pod.Metadata.Name;
        config.Labels[CriLabels.PodNamespace] = pod.Metadata.Namespace;
        config.Labels[CriLabels.PodUid] = pod.Metadata.Uid;
        config.Labels[CriLabels.ContainerName] = container.Name;
        config.Annotations[ImageAnnotation] = container.Spec.Image ?? "";
        config.Annotations[ResourcesAnnotation] = AppliedResources.Text(container.Spec.Resources);
    }
}
