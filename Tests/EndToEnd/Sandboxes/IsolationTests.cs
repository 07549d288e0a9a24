using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.EndToEnd.Sandboxes;

/// <summary>
/// Every port of every address that the other cluster has, or the machine has, is tried: from a pod, and from a pod that has its node's
/// network.
/// </summary>
[Collection(SandboxCollection.Name)]
public sealed class IsolationTests(TwoClusters clusters)
{
    private static readonly IEnumerable<int> AllPorts = Enumerable.Range(1, 65535);

    private SandboxedCluster Ours => clusters.Ours;

    private SandboxedCluster Theirs => clusters.Theirs;

    [Fact]
    public async Task Nothing_of_another_cluster_is_reachable()
    {
        // The scan finds what there is.
        var theirOpen = await ScanAsync(Theirs.NetworkNamespaceOf(0), Theirs.Nodes[0].Address, AllPorts);
        Assert.Superset(new HashSet<int> { 10250, TwoClusters.NodePort }, theirOpen.ToHashSet());
        Assert.Equal([80], await ScanAsync(PodNamespace, TwoClusters.OurService, [79, 80, 81]));

        foreach (var (place, ports) in new[] { (PodNamespace, AllPorts), (Ours.NetworkNamespaceOf(0), theirOpen.Append(Theirs.Network.ApiPort)) })
        {
            Assert.Empty(await ScanAsync(place, Theirs.Nodes[0].Address, ports));
            Assert.Empty(await ScanAsync(place, Theirs.Network.Gateway, ports));
            Assert.Empty(await ScanAsync(place, IPAddress.Parse(clusters.TheirPod.Status.PodIP!), AllPorts));
            Assert.Empty(await ScanAsync(place, TwoClusters.TheirService, AllPorts));
        }
    }

    [Fact]
    public async Task Of_the_machine_only_the_own_API_server_is_reachable()
    {
        using var everywhere = new TcpListener(IPAddress.Any, 0);
        everywhere.Start();
        Assert.Equal([Ours.Network.ApiPort], await ScanAsync(PodNamespace, Ours.Network.Gateway, AllPorts));
        int[] listening = [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(end => end.Port).Distinct().Where(port => port != Ours.Network.ApiPort)];
        foreach (var address in AddressesOfMachine().Append(IPAddress.Parse("169.254.169.254")))
        {
            Assert.Empty(await ScanAsync(PodNamespace, address, listening));
            Assert.Empty(await ScanAsync(Ours.NetworkNamespaceOf(0), address, listening));
        }
    }

    [Fact]
    public async Task Names_are_told_to_the_own_cluster_only()
    {
        Assert.True(await NetworkNamespace.RunAsync(PodNamespace, () => IsToldNames(IPAddress.Parse("10.96.0.10"))));
        foreach (var address in (IPAddress[])[Theirs.Nodes[0].Address, Theirs.Network.Gateway, Ours.Network.Gateway])
        {
            Assert.False(await NetworkNamespace.RunAsync(Ours.NetworkNamespaceOf(0), () => IsToldNames(address)), $"{address} answers");
        }
    }

    private string PodNamespace => SandboxedCluster.NetworkNamespaceOf(clusters.OurPod);

    private static async Task<IReadOnlyList<int>> ScanAsync(string place, IPAddress address, IEnumerable<int> ports)
    {
        var open = await NetworkNamespace.RunAsync(place, () => PortScan.FindOpen(address, ports));
        // Tens of thousands of half-open connections would fill the table, and a full table would look like isolation.
        await Platform.Shell.RunAsync($"nsenter --net={place} conntrack -F", new Dictionary<string, string>());
        return open;
    }

    private static bool IsToldNames(IPAddress server)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        // A kubernetes.default.svc.cluster.local
        byte[] question = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, .. "kubernetes"u8, 7, .. "default"u8, 3, .. "svc"u8, 7, .. "cluster"u8, 5, .. "local"u8, 0, 0, 1, 0, 1];
        socket.SendTo(question, new IPEndPoint(server, 53));
        return socket.Poll(TimeSpan.FromSeconds(2), SelectMode.SelectRead);
    }

    private static IEnumerable<IPAddress> AddressesOfMachine() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(device => device.GetIPProperties().UnicastAddresses)
        .Select(one => one.Address)
        .Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
}
