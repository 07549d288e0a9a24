using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Provisioner.Fleet.Alerts;

namespace Flotilla.Provisioner.Alerts.Rules;

/// <summary>Something worth telling. It is told once: <paramref name="Key"/> is the same however often it is seen.</summary>
public sealed record ClusterNews(
    string Rule, string Key, AlertSeverity Severity, string Title, string Text, string Kind, string? Namespace, string Name)
{
    internal static ClusterNews Of(
        string kind, KubernetesObject about, string rule, string key, AlertSeverity severity, string title, string text) =>
        new(rule, $"{rule}/{key}", severity, title, text, kind, about.Metadata.Namespace, about.Metadata.Name);
}
