using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Runtime.Simulated;

/// <summary>A container that only has a life: created, running from one moment, exited from another.</summary>
internal sealed class SimulatedContainer(string id, SimulatedSandbox sandbox, ContainerConfig config, DateTimeOffset createdAt)
{
    public string Id => id;

    public SimulatedSandbox Sandbox => sandbox;

    public ContainerConfig Config => config;

    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>May lie in the future: it is then known already how the container will end.</summary>
    public DateTimeOffset? ExitsAt { get; set; }

    public int ExitCode { get; set; }

    public ContainerState StateAt(DateTimeOffset now) => (StartedAt, ExitsAt) switch
    {
        (null, _) => ContainerState.ContainerCreated,
        (_, { } end) when end <= now => ContainerState.ContainerExited,
        _ => ContainerState.ContainerRunning,
    };

    public Container Listed(DateTimeOffset now) => new()
    {
        Id = id,
        PodSandboxId = sandbox.Id,
        Metadata = config.Metadata,
        Image = config.Image,
        ImageRef = config.Image.Image,
        State = StateAt(now),
        CreatedAt = Nanoseconds(createdAt),
        Labels = { config.Labels },
        Annotations = { config.Annotations },
    };

    public ContainerStatus Status(DateTimeOffset now)
    {
        var state = StateAt(now);
        var exited = state == ContainerState.ContainerExited;
        return new()
        {
            Id = id,
            Metadata = config.Metadata,
            State = state,
            CreatedAt = Nanoseconds(createdAt),
            StartedAt = StartedAt is { } started ? Nanoseconds(started) : 0,
            FinishedAt = exited ? Nanoseconds(ExitsAt!.Value) : 0,
            ExitCode = exited ? ExitCode : 0,
            Reason = exited ? ExitCode == 0 ? "Completed" : "Error" : "",
            Image = config.Image,
            ImageRef = config.Image.Image,
        };
    }

    /// <summary>CRI counts nanoseconds since the epoch.</summary>
    public static long Nanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;
}

/// <summary>A pod's sandbox with the address it was given.</summary>
internal sealed class SimulatedSandbox(string id, PodSandboxConfig config, string ip, DateTimeOffset createdAt)
{
    public string Id => id;

    public PodSandboxConfig Config => config;

    public bool Ready { get; set; } = true;

    public PodSandbox Listed() => new()
    {
        Id = id,
        Metadata = config.Metadata,
        State = Ready ? SandboxState.SandboxReady : SandboxState.SandboxNotready,
        CreatedAt = SimulatedContainer.Nanoseconds(createdAt),
    };

    public PodSandboxStatus Status() => new()
    {
        Id = id,
        Metadata = config.Metadata,
        State = Ready ? SandboxState.SandboxReady : SandboxState.SandboxNotready,
        CreatedAt = SimulatedContainer.Nanoseconds(createdAt),
        Network = new() { Ip = ip },
    };
}
