using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Flotilla.TestKit;
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

    [Fact]
    public async Task What_is_exposed_is_reached_from_the_machine_and_nothing_else()
    {
        Assert.Equal([10250, TwoClusters.NodePort], (await ScanAsync("/proc/self/ns/net", [Theirs.Nodes[0].Address], AllPorts)).Order());
        Assert.Equal("theirs", (await HereAsync($"curl -s -m 5 http://{Theirs.Nodes[0].Address}:{TwoClusters.NodePort}/")).Text);
    }

    [Fact]
    public async Task No_datagram_reaches_another_cluster()
    {
        using var onNode = await NetworkNamespace.RunAsync(Theirs.NetworkNamespaceOf(0), ListenForDatagrams);
        using var inPod = await NetworkNamespace.RunAsync(SandboxedCluster.NetworkNamespaceOf(clusters.TheirPod), ListenForDatagrams);
        var (node, pod) = (new IPEndPoint(Theirs.Nodes[0].Address, PortOf(onNode)), new IPEndPoint(IPAddress.Parse(clusters.TheirPod.Status.PodIP!), PortOf(inPod)));
        foreach (var place in (string[])[PodNamespace, Ours.NetworkNamespaceOf(0)])
        {
            await NetworkNamespace.RunAsync(place, () => Send("stranger", node, pod));
        }

        // On one machine a packet is where it goes before the call that sends it returns: what comes first is all that comes.
        await NetworkNamespace.RunAsync(Theirs.NetworkNamespaceOf(0), () => Send("friend", node, pod));
        Assert.Equal(["friend", "friend"], [await NextAsync(onNode), await NextAsync(inPod)]);
    }

    [Fact]
    public async Task Addresses_of_the_link_lead_to_the_own_cluster_only()
    {
        using var everywhere = new TcpListener(IPAddress.IPv6Any, 0);
        everywhere.Start();
        var listening = ((IPEndPoint)everywhere.LocalEndpoint).Port;
        using var neighbour = await NetworkNamespace.RunAsync(Ours.NetworkNamespaceOf(1), ListenOnVersion6);
        using var theirs = await NetworkNamespace.RunAsync(Theirs.NetworkNamespaceOf(0), ListenOnVersion6);
        // Both ways of looking find what there is.
        Assert.True(await IsOpenAsync("/proc/self/ns/net", await LinkAddressAsync("/proc/self/ns/net", Ours.Network.Bridge), Ours.Network.Bridge, listening));
        Assert.True(await IsOpenAsync(Ours.NetworkNamespaceOf(0), await LinkAddressAsync(Ours.NetworkNamespaceOf(1), "eth0"), "eth0", PortOf(neighbour)));

        Assert.False(await IsOpenAsync(Ours.NetworkNamespaceOf(0), await LinkAddressAsync("/proc/self/ns/net", Ours.Network.Bridge), "eth0", listening));
        Assert.False(await IsOpenAsync(Ours.NetworkNamespaceOf(0), await LinkAddressAsync("/proc/self/ns/net", Theirs.Network.Bridge), "eth0", listening));
        Assert.False(await IsOpenAsync(Ours.NetworkNamespaceOf(0), await LinkAddressAsync(Theirs.NetworkNamespaceOf(0), "eth0"), "eth0", PortOf(theirs)));
        Assert.False(await IsOpenAsync(PodNamespace, await LinkAddressAsync(Theirs.NetworkNamespaceOf(0), "eth0"), "eth0", PortOf(theirs)));
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

    private static Socket ListenForDatagrams()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return socket;
    }

    private static Socket ListenOnVersion6()
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        socket.Listen();
        return socket;
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static int Send(string text, params IPEndPoint[] places)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        return places.Sum(place => TrySend(socket, text, place));
    }

    private static int TrySend(Socket socket, string text, IPEndPoint place)
    {
        try
        {
            return socket.SendTo(System.Text.Encoding.ASCII.GetBytes(text), place);
        }
        catch (SocketException)
        {
            return 0; // refused on the way: just as well
        }
    }

    private static async Task<string> NextAsync(Socket socket)
    {
        var buffer = new byte[100];
        using var limit = new CancellationTokenSource(Eventually.Limit);
        return System.Text.Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token));
    }

    private static async Task<string> LinkAddressAsync(string place, string device) =>
        (await HereAsync($"nsenter --net={place} ip -6 -o address show dev {device} scope link | awk '{{print $4}}' | cut -d/ -f1")).Text;

    private static async Task<bool> IsOpenAsync(string place, string address, string device, int port) =>
        (await HereAsync($"nsenter --net={place} timeout 2 bash -c '</dev/tcp/{address}%{device}/{port}'")).ExitCode == 0;

    private static Task<Platform.ShellResult> HereAsync(string command) => Platform.Shell.RunAsync(command, new Dictionary<string, string>());

    private static IEnumerable<IPAddress> AddressesOfMachine() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(device => device.GetIPProperties().UnicastAddresses)
        .Select(one => one.Address)
        .Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
}
