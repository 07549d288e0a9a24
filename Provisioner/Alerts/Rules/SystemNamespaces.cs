namespace Flotilla.Provisioner.Alerts.Rules;

/// <summary>What Kubernetes itself runs is no user's app.</summary>
internal static class SystemNamespaces
{
    public static bool Contains(string? ns) => ns is "kube-system" or "kube-public" or "kube-node-lease";
}
