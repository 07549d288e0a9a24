namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>A port of a Service, as webhooks and aggregated APIs name where they are.</summary>
internal sealed record ServiceReference(string Namespace, string Name, int Port)
{
    /// <summary>The name its certificate is checked for.</summary>
    public string HostName => $"{Name}.{Namespace}.svc";
}
