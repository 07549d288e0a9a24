using System.Text;

namespace Flotilla.ClusterCore.Scheduler.Framework;

/// <summary>Why a pod found no node.</summary>
internal sealed class Diagnosis
{
    public required int AllNodes { get; init; }

    /// <summary>What each rejected node was rejected for.</summary>
    public Dictionary<string, Status> NodeStatuses { get; } = new(StringComparer.Ordinal);

    /// <summary>Set when PreFilter rejected the pod for every node alike.</summary>
    public Status? PreFilterStatus { get; init; }

    /// <summary>What holds for the nodes PreFilter left out.</summary>
    public Status? AbsentNodesStatus { get; init; }

    public string PostFilterMessage { get; set; } = "";

    /// <summary>Plugins whose events may help the pod.</summary>
    public HashSet<string> UnschedulablePlugins { get; } = new(StringComparer.Ordinal);

    /// <example>0/4 nodes are available: 1 Insufficient cpu, 3 node(s) had untolerated taint(s). no new claims to deallocate, preemption: …</example>
    public string Message()
    {
        var text = new StringBuilder($"0/{AllNodes} nodes are available:");
        if (PreFilterStatus is { } status) { text.Append($" {status.Message}."); }
        else { AppendReasons(text); }
        if (PostFilterMessage.Length > 0) { text.Append(' ').Append(PostFilterMessage); }
        return text.ToString();
    }

    private void AppendReasons(StringBuilder text)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var reason in NodeStatuses.Values.SelectMany(status => status.Reasons)) { Count(reason, 1); }
        if (AbsentNodesStatus is { } absent && AllNodes > NodeStatuses.Count)
        {
            foreach (var reason in absent.Reasons) { Count(reason, AllNodes - NodeStatuses.Count); }
        }
        if (counts.Count == 0) { return; }
        var sorted = counts.Select(one => $"{one.Value} {one.Key}").Order(StringComparer.Ordinal);
        text.Append(' ').AppendJoin(", ", sorted).Append('.');

        void Count(string reason, int nodes) => counts[reason] = counts.GetValueOrDefault(reason) + nodes;
    }
}
