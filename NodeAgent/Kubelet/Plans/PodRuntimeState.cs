namespace Flotilla.NodeAgent.Kubelet.Plans;

public enum RunState
{
    Created,
    Running,
    Exited,
    Unknown,
}

/// <param name="Ips">Empty for pods on the host's network.</param>
public sealed record SandboxRecord(string Id, uint Attempt, bool Ready, DateTimeOffset CreatedAt, IReadOnlyList<string> Ips);

public sealed record ContainerRecord
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string SandboxId { get; init; }
    public required uint Attempt { get; init; }
    public required RunState State { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public int ExitCode { get; init; }
    public string Reason { get; init; } = "";
    public string Message { get; init; } = "";
    public string ImageId { get; init; } = "";

    /// <summary>Where the runtime writes what it says; empty where it writes nothing.</summary>
    public string LogPath { get; init; } = "";

    /// <summary>The image its spec named when it was made; a spec that names another asks for a new container.</summary>
    public string SpecImage { get; init; } = "";

    /// <summary>What its spec gave it when it was made, as <see cref="AppliedResources"/> writes it; empty where that is not known.</summary>
    public string SpecResources { get; init; } = "";

    public bool Running => State == RunState.Running;

    public bool Succeeded => State == RunState.Exited && ExitCode == 0;
}

/// <summary>What the runtime says of one pod, newest first.</summary>
public sealed record PodRuntimeState(IReadOnlyList<SandboxRecord> Sandboxes, IReadOnlyList<ContainerRecord> Containers)
{
    public static PodRuntimeState None { get; } = new([], []);

    public SandboxRecord? Sandbox => Sandboxes.Count == 0 ? null : Sandboxes[0];

    public ContainerRecord? Latest(string name) => Containers.FirstOrDefault(container => container.Name == name);

    public ContainerRecord? Latest(string name, string sandboxId) =>
        Containers.FirstOrDefault(container => container.Name == name && container.SandboxId == sandboxId);

    /// <summary>The one before the latest: a restarted container's last state.</summary>
    public ContainerRecord? Previous(string name) => Containers.Where(container => container.Name == name).Skip(1).FirstOrDefault();

    public bool AnyRunning => Containers.Any(container => container.State is RunState.Running or RunState.Unknown);
}
