using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Simulation;

/// <summary>What is said for containers that are not there. The same for the same container at any time: nothing is kept for it.</summary>
internal static class SimulatedAnswers
{
    public static string Log(Pod pod, ContainerRecord record) =>
        $"simulated: container {record.Name} of pod {PodNames.Full(pod)}, attempt {record.Attempt}\n";

    public static string Command(IEnumerable<string> command) => $"simulated: {string.Join(' ', command)}\n";

    /// <summary>Of any port: a page, because most who ask speak HTTP.</summary>
    public static string Page(Pod pod, string port)
    {
        var text = $"simulated: port {port} of pod {PodNames.Full(pod)}\n";
        return $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {text.Length}\r\nConnection: close\r\n\r\n{text}";
    }
}
