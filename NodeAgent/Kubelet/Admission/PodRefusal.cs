namespace Flotilla.NodeAgent.Kubelet.Admission;

/// <summary>Why a pod is not taken, as its event says it.</summary>
internal record PodRefusal(string Reason, string Message)
{
    public string StatusMessage => $"Pod was rejected: {Message}";
}

/// <summary>One resource of which too little is left; cpu in thousandths of a core.</summary>
internal sealed record InsufficientResource(string Resource, long Requested, long Used, long Capacity)
    : PodRefusal($"OutOf{Resource}", $"Node didn't have enough resource: {Resource}, requested: {Requested}, used: {Used}, capacity: {Capacity}")
{
    public long Missing => Requested - (Capacity - Used);
}
