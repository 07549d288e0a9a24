using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.TestKit;

/// <summary>
/// Real etcd members on loopback, each with a data directory of its own. They end with the process that started them,
/// however that ends, because their shell waits for the end of standard input.
/// </summary>
public sealed class EtcdServer : IAsyncDisposable
{
    private readonly string home;
    private readonly List<Member> members = [];
    private readonly string flags;

    private EtcdServer(string home, string flags)
    {
        this.home = home;
        this.flags = flags;
    }

    public IReadOnlyList<Uri> Endpoints => [.. members.Select(member => new Uri($"{(flags.Length > 0 ? "https" : "http")}://127.0.0.1:{member.ClientPort}"))];

    /// <param name="flags">More flags for each member; with <c>--cert-file</c> clients are served TLS.</param>
    public static async Task<EtcdServer> StartAsync(int members = 1, string flags = "")
    {
        var server = new EtcdServer(Directory.CreateTempSubdirectory("flotilla-etcd-").FullName, flags);
        for (var i = 0; i < members; i++)
        {
            server.members.Add(new($"m{i}", FreePort(), FreePort()));
        }

        foreach (var member in server.members)
        {
            server.Start(member);
        }

        foreach (var member in server.members)
        {
            await Eventually.TrueAsync(() => AcceptsAsync(member.ClientPort), $"etcd {member.Name} listens (see {server.home})");
        }

        return server;
    }

    public void Start(int member) => Start(members[member]);

    /// <summary>kill -9.</summary>
    public void Kill(int member) => Signal(member, "KILL");

    public void Pause(int member) => Signal(member, "STOP");

    public void Resume(int member) => Signal(member, "CONT");

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

        Directory.Delete(home, recursive: true);
    }

    private void Signal(int member, string signal) => SignalProcess(members[member].Pid(home), signal);

    private static void SignalProcess(int pid, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{pid}"]) { RedirectStandardError = true, UseShellExecute = false })!;
        kill.WaitForExit();
    }

    private void Start(Member member)
    {
        var cluster = string.Join(',', members.Select(static other => $"{other.Name}=http://127.0.0.1:{other.PeerPort}"));
        var client = $"{(flags.Length > 0 ? "https" : "http")}://127.0.0.1:{member.ClientPort}";
        var command = $"""
            etcd --name {member.Name} --data-dir {home}/{member.Name} --listen-client-urls {client} --advertise-client-urls {client} \
              --listen-peer-urls http://127.0.0.1:{member.PeerPort} --initial-advertise-peer-urls http://127.0.0.1:{member.PeerPort} \
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

    private static async Task<bool> AcceptsAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Member(string name, int clientPort, int peerPort)
    {
        public string Name { get; } = name;

        public int ClientPort { get; } = clientPort;

        public int PeerPort { get; } = peerPort;

        public Process? Shell { get; set; }

        public int Pid(string home) => int.Parse(File.ReadAllText(Path.Combine(home, $"{Name}.pid")).Trim());
    }
}
