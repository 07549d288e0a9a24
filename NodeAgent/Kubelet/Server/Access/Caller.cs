namespace Flotilla.NodeAgent.Kubelet.Server.Access;

/// <summary>Who asks something of the kubelet.</summary>
internal sealed record Caller(string Name, string Uid, IReadOnlyList<string> Groups)
{
    /// <summary>The API server itself, and administrators: they may do anything, so nobody need be asked.</summary>
    public bool IsMaster => Groups.Contains("system:masters");
}
