using System.Diagnostics;
using System.Net.Sockets;

namespace Flotilla.TestKit;

/// <summary>
/// Real etcd members, the ones on the path, on loopback or each in a network namespace of its own. They end with the process that started them,
/// however that ends, because their shell waits for the end of standard input.
/// </summary>
public sealed class EtcdServer : IAsyncDisposable
{
    private readonly string home;
    private readonly List<Member> members = [];
    private readonly string flags;
    private readonly EtcdNetwork? network;

    private EtcdServer(string home, string flags, EtcdNetwork? network)
    {
        this.home = home;
        this.flags = flags;
        this.network = network;
    }

    public IReadOnlyList<Uri> Endpoints => [.. members.Select(member => new Uri(ClientUrl(member)))];

    /// <param name="flags">More flags for each member; with <c>--cert-file</c> clients are served TLS.</param>
    /// <param name="ownNetworks">Each member is in a network namespace of its own, which can be cut off.</param>
    public static async Task<EtcdServer> StartAsync(int members = 1, string flags = "", bool ownNetworks = false)
    {
        var network = ownNetworks ? await EtcdNetwork.MakeAsync(members) : null;
        var server = new EtcdServer(Directory.CreateTempSubdirectory("flotilla-etcd-").FullName, flags, network);
        for (var i = 0; i < members; i++)
        {
            server.members.Add(network is null
                ? new($"m{i}", "127.0.0.1", LoopbackPort.Free(), LoopbackPort.Free(), "")
                : new($"m{i}", network.Address(i), 2379, 2380, $"ip netns exec {network.Namespace(i)} "));
        }

        foreach (var member in server.members)
        {
            server.Start(member);
        }

        foreach (var member in server.members)
        {
            await Eventually.TrueAsync(() => AcceptsAsync(member), $"etcd {member.Name} listens (see {server.home})");
        }

        return server;
    }

    public void Start(int member) => Start(members[member]);

    /// <summary>kill -9.</summary>
    public void Kill(int member) => Signal(member, "KILL");

    public void Pause(int member) => Signal(member, "STOP");

    public void Resume(int member) => Signal(member, "CONT");

    /// <summary>Takes the member's network away; for those with networks of their own.</summary>
    public void CutOff(int member) => network!.CutOff(member);

    public void Rejoin(int member) => network!.Rejoin(member);

    public async ValueTask DisposeAsync()
    {
        foreach (var member in members)
        {
            SignalProcess(member.Pid(home), "KILL");
            member.Shell?.StandardInput.Close();
            if (member.Shell is { } shell)
            {
                await shell.WaitForExitAsync();
                shell.Dispose();
            }
        }

        if (network is not null)
        {
            await network.DisposeAsync();
        }

        Directory.Delete(home, recursive: true);
    }

    private string ClientUrl(Member member) => $"{(flags.Length > 0 ? "https" : "http")}://{member.Address}:{member.ClientPort}";

    private void Signal(int member, string signal) => SignalProcess(members[member].Pid(home), signal);

    private static void SignalProcess(int pid, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{pid}"]) { RedirectStandardError = true, UseShellExecute = false })!;
        kill.WaitForExit();
    }

    private void Start(Member member)
    {
        var cluster = string.Join(',', members.Select(static other => $"{other.Name}={other.PeerUrl}"));
        var client = ClientUrl(member);
        var command = $"""
            {member.Prefix}etcd --name {member.Name} --data-dir {home}/{member.Name} --listen-client-urls {client} --advertise-client-urls {client} \
              --listen-peer-urls {member.PeerUrl} --initial-advertise-peer-urls {member.PeerUrl} \
              --initial-cluster {cluster} --heartbeat-interval 50 --election-timeout 500 --logger zap --log-level warn {flags} \
              </dev/null >>{home}/{member.Name}.log 2>&1 &
            echo $! >{home}/{member.Name}.pid
            cat >/dev/null
            kill -9 $(cat {home}/{member.Name}.pid) 2>/dev/null
            """;
        // The old shell kills what its file names; it must not find the new member there.
        member.Shell?.StandardInput.Close();
        member.Shell?.WaitForExit();
        member.Shell?.Dispose();
        member.Shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardInput = true, UseShellExecute = false })!;
    }

    private static async Task<bool> AcceptsAsync(Member member)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(member.Address, member.ClientPort);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <param name="prefix">What the member's command begins with.</param>
    private sealed class Member(string name, string address, int clientPort, int peerPort, string prefix)
    {
        public string Name { get; } = name;

        public string Address { get; } = address;

        public int ClientPort { get; } = clientPort;

        public string PeerUrl { get; } = $"http://{address}:{peerPort}";

        public string Prefix { get; } = prefix;

        public Process? Shell { get; set; }

        public int Pid(string home) => int.Parse(File.ReadAllText(Path.Combine(home, $"{Name}.pid")).Trim());
    }
}
