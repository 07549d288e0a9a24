using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Provisioner.Fleet.Alerts;

namespace Flotilla.Provisioner.Alerts.Rules;

/// <summary>Nodes that are not Ready for longer than a restart takes, and problems they report of themselves.</summary>
public static class NodeRules
{
    private static readonly TimeSpan NotReadyAfter = TimeSpan.FromSeconds(30);

    public static IEnumerable<ClusterNews> Evaluate(Node node, DateTimeOffset now)
    {
        foreach (var condition in node.Status.Conditions ?? [])
        {
            var key = $"{node.Metadata.Uid}/{condition.Type}/{condition.LastTransitionTime?.ToUnixTimeSeconds()}";
            if (condition is { Type: "Ready", Status: not "True" } && now - condition.LastTransitionTime >= NotReadyAfter)
            {
                yield return ClusterNews.Of(
                    "Node", node, "node-not-ready", key, AlertSeverity.Critical, $"Node {node.Metadata.Name} is not ready",
                    $"{condition.Reason}: {condition.Message}");
            }
            else if (condition is { Type: not "Ready", Status: "True" })
            {
                yield return ClusterNews.Of(
                    "Node", node, "node-problem", key, AlertSeverity.Warning, $"Node {node.Metadata.Name}: {condition.Type}",
                    $"{condition.Reason}: {condition.Message}");
            }
        }
    }
}
