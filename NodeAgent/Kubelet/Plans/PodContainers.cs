using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Plans;

public enum ContainerKind
{
    Init,

    /// <summary>An init container with restartPolicy Always: it starts in its turn and runs beside the ordinary ones.</summary>
    Sidecar,
    Main,
    Ephemeral,
}

/// <summary>One container of a pod's spec, whichever list it stands in.</summary>
public sealed record PodContainer(Container Spec, ContainerKind Kind, string? TargetContainerName = null)
{
    public string Name => Spec.Name;

    /// <summary>As metrics name its kind.</summary>
    public string MetricName => Kind switch
    {
        ContainerKind.Init => "init_container",
        ContainerKind.Sidecar => "restartable_init_container",
        ContainerKind.Ephemeral => "ephemeral_container",
        _ => "container",
    };

    /// <summary>As events name it: <c>spec.containers{web}</c>.</summary>
    public string FieldPath => Kind switch
    {
        ContainerKind.Main => $"spec.containers{{{Name}}}",
        ContainerKind.Ephemeral => $"spec.ephemeralContainers{{{Name}}}",
        _ => $"spec.initContainers{{{Name}}}",
    };
}

public static class PodContainers
{
    public static IReadOnlyList<PodContainer> Init(this PodSpec spec) =>
        [.. (spec.InitContainers ?? []).Select(container => new PodContainer(container, InitKind(container)))];

    public static IReadOnlyList<PodContainer> Main(this PodSpec spec) =>
        [.. (spec.Containers ?? []).Select(container => new PodContainer(container, ContainerKind.Main))];

    public static IReadOnlyList<PodContainer> Ephemeral(this PodSpec spec) =>
        [.. (spec.EphemeralContainers ?? []).Select(container => new PodContainer(AsContainer(container), ContainerKind.Ephemeral, container.TargetContainerName))];

    public static IEnumerable<PodContainer> All(this PodSpec spec) => [.. spec.Init(), .. spec.Main(), .. spec.Ephemeral()];

    public static PodContainer? Find(this PodSpec spec, string name) => spec.All().FirstOrDefault(container => container.Name == name);

    private static ContainerKind InitKind(Container container) =>
        container.RestartPolicy == "Always" ? ContainerKind.Sidecar : ContainerKind.Init;

    private static Container AsContainer(EphemeralContainer ephemeral) => new()
    {
        Name = ephemeral.Name,
        Image = ephemeral.Image,
        Command = ephemeral.Command,
        Args = ephemeral.Args,
        WorkingDir = ephemeral.WorkingDir,
        EnvFrom = ephemeral.EnvFrom,
        Env = ephemeral.Env,
        VolumeMounts = ephemeral.VolumeMounts,
        TerminationMessagePath = ephemeral.TerminationMessagePath,
        TerminationMessagePolicy = ephemeral.TerminationMessagePolicy,
        ImagePullPolicy = ephemeral.ImagePullPolicy,
        SecurityContext = ephemeral.SecurityContext,
        Stdin = ephemeral.Stdin,
        StdinOnce = ephemeral.StdinOnce,
        Tty = ephemeral.Tty,
    };
}
