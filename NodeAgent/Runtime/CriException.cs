namespace Flotilla.NodeAgent.Runtime;

/// <summary>The runtime refused a call, or could not be reached.</summary>
public sealed class CriException(string message, bool unreachable = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The runtime itself is away: nothing is known about the call's subject.</summary>
    public bool Unreachable { get; } = unreachable;

    /// <summary>The gRPC status by name.</summary>
    public string Code { get; init; } = "Unknown";

    /// <summary>As the kubelet's events quote it.</summary>
    public string RpcError => $"rpc error: code = {Code} desc = {Message}";
}
