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
    private static readonly int[] AllPorts = [.. Enumerable.Range(1, 65535)];

    private SandboxedCluster Ours => clusters.Ours;

    private SandboxedCluster Theirs => clusters.Theirs;

    [Fact]
    public async Task Nothing_of_another_cluster_is_reachable()
    {
        // The scan finds what there is.
        var theirOpen = await ScanAsync(Theirs.NetworkNamespaceOf(0), [Theirs.Nodes[0].Address], AllPorts);
        Assert.Superset(new HashSet<int> { 10250, TwoClusters.NodePort }, theirOpen.ToHashSet());
        Assert.Equal([80], await ScanAsync(PodNamespace, [TwoClusters.OurService], [79, 80, 81]));

        IPAddress[] addresses = [Theirs.Nodes[0].Address, Theirs.Network.Gateway, IPAddress.Parse(clusters.TheirPod.Status.PodIP!), TwoClusters.TheirService];
        foreach (var address in addresses) { Assert.Empty(await ScanAsync(PodNamespace, [address], AllPorts)); }
        Assert.Empty(await ScanAsync(Ours.NetworkNamespaceOf(0), addresses, [.. theirOpen, Theirs.Network.ApiPort, 80, 8080]));
    }

    [Fact]
    public async Task Of_the_machine_only_the_own_API_server_is_reachable()
    {
        using var everywhere = new TcpListener(IPAddress.Any, 0);
        everywhere.Start();
        Assert.Equal([Ours.Network.ApiPort], await ScanAsync(PodNamespace, [Ours.Network.Gateway], AllPorts));
        int[] listening = [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(end => end.Port).Distinct().Where(port => port != Ours.Network.ApiPort)];
        IPAddress[] addresses = [.. AddressesOfMachine(), IPAddress.Parse("169.254.169.254")];
        Assert.Empty(await ScanAsync(PodNamespace, addresses, listening));
        Assert.Empty(await ScanAsync(Ours.NetworkNamespaceOf(0), addresses, listening));
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

    /// <returns>The ports that are open at one of the addresses.</returns>
    private static async Task<IReadOnlyList<int>> ScanAsync(string place, IPAddress[] addresses, IReadOnlyList<int> ports)
    {
        var open = await NetworkNamespace.RunAsync(place, () => PortScan.FindOpen(addresses.SelectMany(address => ports.Select(port => new IPEndPoint(address, port)))));
        // Tens of thousands of half-open connections would fill the table, and a full table would look like isolation.
        await Platform.Shell.RunAsync($"nsenter --net={place} conntrack -F", new Dictionary<string, string>());
        return [.. open.Select(one => one.Port).Distinct()];
    }

    private static bool IsToldNames(IPAddress server)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        // A kubernetes.default.svc.cluster.local
        byte[] question = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, .. "kubernetes"u8, 7, .. "default"u8, 3, .. "svc"u8, 7, .. "cluster"u8, 5, .. "local"u8, 0, 0, 1, 0, 1];
        socket.SendTo(question, new IPEndPoint(server, 53));
        return socket.Poll(TimeSpan.FromSeconds(1), SelectMode.SelectRead);
    }

    private static IEnumerable<IPAddress> AddressesOfMachine() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(device => device.GetIPProperties().UnicastAddresses)
        .Select(one => one.Address)
        .Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
}
