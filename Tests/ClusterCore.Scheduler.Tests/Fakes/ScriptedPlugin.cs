using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Tests.Fakes;

/// <summary>Says what a test wants at each point of the binding, and notes when it was asked.</summary>
internal sealed class ScriptedPlugin(string name, List<string> notes) : IReservePlugin, IPermitPlugin, IPreBindPlugin
{
    public string Name => name;

    public IEnumerable<EventRegistration> Events => [new(EventResource.AssignedPod, EventActions.Delete)];

    public Status? Reservation { get; set; }

    public PermitOutcome Permission { get; set; }

    public Task<Status?>? Preparation { get; set; }

    public Status? Reserve(CycleState state, PodInfo pod, NodeInfo node)
    {
        notes.Add($"reserve {name}");
        return Reservation;
    }

    public void Unreserve(CycleState state, PodInfo pod, string nodeName) => notes.Add($"unreserve {name}");

    public PermitOutcome Permit(CycleState state, PodInfo pod, string nodeName)
    {
        notes.Add($"permit {name}");
        return Permission;
    }

    public bool WillPreBind(CycleState state) => Preparation is not null;

    public Task<Status?> PreBindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken cancellationToken) => Preparation ?? Task.FromResult<Status?>(null);
}
