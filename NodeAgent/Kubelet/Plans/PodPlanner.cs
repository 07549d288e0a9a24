using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Plans;

/// <summary>Decides what runs in a ready sandbox: init containers one after the other, sidecars in their turn, then the rest together.</summary>
internal sealed class PodPlanner(PodObservation observed, PodSpec spec, SandboxRecord sandbox)
{
    private readonly List<PodContainer> start = [];
    private readonly List<ContainerKill> kill = [];
    private readonly List<(PodContainer, ContainerRecord)> resize = [];
    private readonly Dictionary<string, DateTimeOffset> backingOff = [];
    private bool resizes;

    public PodPlan Compute()
    {
        if (InitializedOrStep())
        {
            foreach (var container in spec.Main())
            {
                Keep(container, observed.Runtime.Latest(container.Name));
            }
        }

        foreach (var container in spec.Ephemeral().Where(container => observed.Runtime.Latest(container.Name) is null))
        {
            StartUnlessBackingOff(container, null);
        }

        return new()
        {
            Start = start,
            Kill = kill,
            Resize = resize,
            Resizes = resizes,
            BackingOff = backingOff,
            StopSandboxes = [.. observed.Runtime.Sandboxes.Skip(1).Where(old => old.Ready)],
        };
    }

    /// <summary>True when the ordinary containers may run; otherwise the one init container that is due has been planned.</summary>
    private bool InitializedOrStep()
    {
        // Ordinary containers in this sandbox prove that its init containers have ended, even where their records are gone.
        var initialized = spec.Main().Any(container => observed.Runtime.Latest(container.Name, sandbox.Id) is not null);
        foreach (var container in spec.Init())
        {
            var record = observed.Runtime.Latest(container.Name, sandbox.Id);
            var passed = container.Kind == ContainerKind.Sidecar ? KeepSidecar(container, record) : initialized || Step(container, record);
            if (!passed && !initialized)
            {
                return false;
            }
        }

        return true;
    }

    private bool Step(PodContainer container, ContainerRecord? record)
    {
        if (record is { Succeeded: true })
        {
            return true;
        }

        if (record is not { Running: true })
        {
            StartUnlessBackingOff(container, record);
        }

        return false;
    }

    private bool KeepSidecar(PodContainer container, ContainerRecord? record)
    {
        Keep(container, record);
        return record is { Running: true } && observed.Probe(container, record).Started;
    }

    private void Keep(PodContainer container, ContainerRecord? record)
    {
        if (record is not { State: RunState.Running or RunState.Unknown })
        {
            if (record is not { State: RunState.Exited } || PodPlan.ShouldRestart(spec, container, record))
            {
                StartUnlessBackingOff(container, record);
            }

            return;
        }

        resizes |= IsResized(container, record);
        if (KillReason(container, record) is { } reason)
        {
            kill.Add(new(container, record, reason, ProbeGrace(container, record)));
        }
        else if (IsResized(container, record))
        {
            resize.Add((container, record));
        }
    }

    private string? KillReason(PodContainer container, ContainerRecord record)
    {
        if (record.State == RunState.Unknown)
        {
            return $"Container {container.Name} is in unknown state, try killing it before restart";
        }

        if (record.SandboxId != sandbox.Id)
        {
            return $"Container {container.Name} belongs to a sandbox that is gone, will be restarted";
        }

        if (record.SpecImage.Length > 0 && record.SpecImage != container.Spec.Image)
        {
            return $"Container {container.Name} definition changed, will be restarted";
        }

        if (IsResized(container, record) && AppliedResources.NeedsRestart(container.Spec, observed.Applied(record)))
        {
            return $"Container {container.Name} resize requires restart";
        }

        return observed.Probe(container, record) is { Live: false } verdict
            ? $"Container {container.Name} failed {verdict.FailedProbe} probe, will be restarted"
            : null;
    }

    private TimeSpan? ProbeGrace(PodContainer container, ContainerRecord record)
    {
        var failed = observed.Probe(container, record) switch
        {
            { Live: true } => null,
            { FailedProbe: "startup" } => container.Spec.StartupProbe,
            _ => container.Spec.LivenessProbe,
        };
        return failed?.TerminationGracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private bool IsResized(PodContainer container, ContainerRecord record) =>
        observed.Applied(record) is { Length: > 0 } applied && applied != AppliedResources.Text(container.Spec.Resources);

    private void StartUnlessBackingOff(PodContainer container, ContainerRecord? record)
    {
        if (record?.FinishedAt is { } finishedAt)
        {
            BackOffEntry? entry = observed.BackOffs.TryGetValue(container.Name, out var known) ? known : null;
            var due = finishedAt + RestartBackOff.Delay(entry, finishedAt);
            if (due > observed.Now)
            {
                backingOff[container.Name] = due;
                return;
            }
        }

        start.Add(container);
    }
}
