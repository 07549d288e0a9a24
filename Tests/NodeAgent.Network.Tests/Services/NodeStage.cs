using Flotilla.NodeAgent.Network.Commands;
using Flotilla.NodeAgent.Network.Services;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.NodeAgent.Network.Tests.Services;

/// <summary>
/// A node made of network namespaces: the node, two pods behind it, and a client outside.
/// <code>
///   outside 100.64.9.9 ── 100.64.9.2 node 10.244.0.1 ─┬─ 10.244.0.5 pod a
///                                                     └─ 10.244.0.6 pod b
/// </code>
/// Each pod answers HTTP on port 8080 with its name and the address of who asked.
/// </summary>
internal sealed class NodeStage : IAsyncDisposable
{
    private static readonly string[] Places = ["node", "out", "a", "b"];

    private readonly CommandRunner host = new();
    private readonly CancellationTokenSource serving = new();
    private readonly List<Task> servers = [];
    private readonly DirectoryInfo files = Directory.CreateTempSubdirectory("flotilla-node-");
    private readonly string id = Guid.NewGuid().ToString("N")[..6];

    public string Node => $"fltn-{id}";

    public CommandRunner OnNode => new(Node);

    public Nftables? Nftables { get; private set; }

    public static async Task<NodeStage> BuildAsync()
    {
        var stage = new NodeStage();
        try
        {
            await stage.BuildAllAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    private async Task BuildAllAsync()
    {
        foreach (var place in Places) { await NamespaceAsync(Name(place)); }
        Nftables = await NetworkNamespace.RunAsync($"/run/netns/{Node}", static () => new Nftables());
        await LinkAsync(Node, Name("out"), "100.64.9.2/24", "100.64.9.9/24");
        await OnNode.RunAsync("sysctl", ["-qw", "net.ipv4.ip_forward=1"], null, CancellationToken.None);
        await OnNode.RunAsync("ip", ["route", "add", "default", "via", "100.64.9.9"], null, CancellationToken.None);
        await PodAsync("a", "10.244.0.5");
        await PodAsync("b", "10.244.0.6");
        await InAsync("out", "ip", "route", "add", "10.96.0.0/16", "via", "100.64.9.2");
        await InAsync("out", "ip", "route", "add", "203.0.113.0/24", "via", "100.64.9.2");
    }

    /// <summary>What a client in the namespace gets, such as "a sees 10.244.0.6"; null when it is refused or not answered in a second.</summary>
    public async Task<string?> GetAsync(string from, string address)
    {
        try
        {
            var ask = $"exec 3<>/dev/tcp/{address.Replace(':', '/')} && printf 'GET /cgi-bin/who HTTP/1.0\r\n\r\n' >&3 && cat <&3";
            var answer = await new CommandRunner(Name(from)).RunAsync("timeout", ["1", "bash", "-c", ask], null, CancellationToken.None);
            return answer[(answer.LastIndexOf('\n') + 1)..];
        }
        catch (CommandFailedException)
        {
            return null;
        }
    }

    /// <summary>Runs a program until the stage is taken down.</summary>
    public void Start(string place, string program, params string[] arguments) =>
        servers.Add(new CommandRunner(Name(place)).RunAsync(program, arguments, null, serving.Token));

    public string Name(string place) => place == "node" ? Node : $"fltn-{id}-{place}";

    public async ValueTask DisposeAsync()
    {
        Nftables?.Dispose();
        await serving.CancelAsync();
        await Task.WhenAll(servers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var present = await host.RunAsync("ip", ["netns", "list"], null, CancellationToken.None);
        foreach (var place in Places.Where(place => present.Split('\n').Any(line => line.Split(' ')[0] == Name(place))))
        {
            foreach (var pid in (await host.RunAsync("ip", ["netns", "pids", Name(place)], null, CancellationToken.None)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                await host.RunAsync("sh", ["-c", $"kill -9 {pid} || true"], null, CancellationToken.None);
            }
            await host.RunAsync("ip", ["netns", "delete", Name(place)], null, CancellationToken.None);
        }
        files.Delete(recursive: true);
        serving.Dispose();
    }

    private async Task PodAsync(string pod, string ip)
    {
        // As the ptp plugin does: a link of its own, and a route to the one address behind it.
        await LinkAsync(Node, Name(pod), "10.244.0.1/32", $"{ip}/32");
        await OnNode.RunAsync("ip", ["route", "add", ip, "dev", $"v{id}{pod}"], null, CancellationToken.None);
        await InAsync(pod, "ip", "route", "add", "10.244.0.1", "dev", "eth0");
        await InAsync(pod, "ip", "route", "add", "default", "via", "10.244.0.1");
        Serve(pod);
    }

    private void Serve(string pod)
    {
        var scripts = Directory.CreateDirectory(Path.Combine(files.FullName, pod, "cgi-bin"));
        var script = Path.Combine(scripts.FullName, "who");
        File.WriteAllText(script, $"#!/bin/sh\nip=${{REMOTE_ADDR##*:}}\nprintf 'Content-Type: text/plain\\r\\n\\r\\n{pod} sees %s' \"${{ip%]}}\"\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Start(pod, "busybox", "httpd", "-f", "-p", "8080", "-h", scripts.Parent!.FullName);
    }

    private async Task NamespaceAsync(string name)
    {
        await host.RunAsync("ip", ["netns", "add", name], null, CancellationToken.None);
        await new CommandRunner(name).RunAsync("ip", ["link", "set", "lo", "up"], null, CancellationToken.None);
    }

    private async Task LinkAsync(string left, string right, string leftAddress, string rightAddress)
    {
        var device = $"v{id}{right[(right.LastIndexOf('-') + 1)..]}";
        await host.RunAsync("ip", ["link", "add", device, "netns", left, "type", "veth", "peer", "name", "eth0", "netns", right], null, CancellationToken.None);
        foreach (var (place, name, address) in new[] { (left, device, leftAddress), (right, "eth0", rightAddress) })
        {
            var runner = new CommandRunner(place);
            await runner.RunAsync("ip", ["address", "add", address, "dev", name], null, CancellationToken.None);
            await runner.RunAsync("ip", ["link", "set", name, "up"], null, CancellationToken.None);
        }
    }

    private Task<string> InAsync(string place, string program, params string[] arguments) =>
        new CommandRunner(Name(place)).RunAsync(program, arguments, null, CancellationToken.None);
}
