using Flotilla.ClusterCore.Client;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>A pod network that does not work: the pods and the node say so, and go on once it does.</summary>
public sealed class PodNetworkTests(NodeFixture node)
{
    private const string Broken = """{"cniVersion": "0.4.0", "name": "broken", "plugins": [{"type": "nowhere"}]}""";

    [Fact]
    public async Task A_plugin_that_fails_keeps_pods_waiting_until_it_works()
    {
        await using var machine = await node.StartAsync(options => options);
        var file = machine.Containerd.PodNetworkFile;
        var network = await File.ReadAllTextAsync(file);
        await node.RunOnAsync(machine, "before");
        await File.WriteAllTextAsync(file, Broken);
        node.Run("unconnected", "sleep 1000", pod => pod.Spec.NodeName = machine.Name);
        await Eventually.TrueAsync(() => FailuresOf("unconnected").Any(message => message.Contains("failed to find plugin \"nowhere\" in path", StringComparison.Ordinal)), "an event", TimeSpan.FromSeconds(60));
        Assert.All(FailuresOf("unconnected"), message => Assert.StartsWith("Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"", message, StringComparison.Ordinal));
        var waiting = node.Api.Get(Kinds.Pods, "default", "unconnected")!;
        Assert.Equal(("Pending", "ContainerCreating"), (waiting.Status.Phase, waiting.Status.ContainerStatuses![0].State!.Waiting!.Reason));
        await File.WriteAllTextAsync(file, network);
        await node.PodAsync("unconnected", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        Assert.True(node.Api.Get(Kinds.Pods, "default", "before")!.Status.ContainerStatuses![0] is { Ready: true, RestartCount: 0 });
    }

    [Fact]
    public async Task A_node_without_a_pod_network_is_not_ready_until_it_has_one()
    {
        await using var machine = await node.StartAsync(options => options);
        var file = machine.Containerd.PodNetworkFile;
        var network = await File.ReadAllTextAsync(file);
        await node.RunOnAsync(machine, "connected");
        File.Delete(file);
        await ReadyIsAsync(machine, "False", "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized");
        node.Run("no-network", "sleep 1000", pod => pod.Spec.NodeName = machine.Name);
        await node.EventAsync("no-network", "FailedCreatePodSandBox", "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"");
        node.Run("needs-none", "sleep 1000", pod => (pod.Spec.NodeName, pod.Spec.HostNetwork) = (machine.Name, true));
        await node.PodAsync("needs-none", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        await File.WriteAllTextAsync(file, network);
        await ReadyIsAsync(machine, "True", "kubelet is posting ready status");
        await node.PodAsync("no-network", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        Assert.True(node.Api.Get(Kinds.Pods, "default", "connected")!.Status.ContainerStatuses![0] is { Ready: true, RestartCount: 0 });
    }

    private IEnumerable<string> FailuresOf(string pod) =>
        node.Api.List(Kinds.Events).Where(happened => happened.InvolvedObject!.Name == pod && happened.Reason == "FailedCreatePodSandBox").Select(happened => happened.Message!);

    private Task ReadyIsAsync(RunningKubelet machine, string status, string message) => Eventually.TrueAsync(
        () => node.Api.Get(Kinds.Nodes, null, machine.Name)?.Status.Conditions?.Any(condition => condition.Type == "Ready" && condition.Status == status && condition.Message == message) == true,
        $"Ready={status}: {message}",
        TimeSpan.FromSeconds(60));
}
