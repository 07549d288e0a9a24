using System.Diagnostics;
using System.Globalization;

namespace Flotilla.TestKit;

/// <summary>
/// A real containerd for this test process alone: its own root, state, socket, pod network and network namespace, with a
/// cable to this one, so that pods and streams can be reached. It ends with the process, however that ends, because its shell
/// waits for the end of standard input; needs root.
/// </summary>
public sealed class ContainerdServer : IAsyncDisposable
{
    private readonly string home;
    private readonly string name;
    private readonly Process process;

    private ContainerdServer(string home, string name, Process process) => (this.home, this.name, this.process) = (home, name, process);

    /// <summary>Pods' addresses begin with it; another's than those of test processes beside this one.</summary>
    public required string PodNetwork { get; init; }

    /// <summary>The two ends of the cable: this namespace's, and the node's.</summary>
    public required (string Host, string Node) Addresses { get; init; }

    public string Socket => Path.Combine(home, "containerd.sock");

    /// <summary>For the node agent's files; removed with the server.</summary>
    public string NodeDirectory => Path.Combine(home, "node");

    /// <summary>Where containerd keeps images and containers' layers.</summary>
    public string ImageDirectory => Path.Combine(home, "root");

    /// <summary>The configuration of the pod network; containerd follows its changes.</summary>
    public string PodNetworkFile => Path.Combine(home, "cni", "10-pods.conflist");

    public string NetworkNamespace => name;

    /// <summary>Of containerd itself, whose namespaces are the node's.</summary>
    public string ProcessId => File.ReadAllText(Path.Combine(home, "pid")).Trim();

    /// <summary>Below it the pods' cgroups; removed with the server.</summary>
    public string CgroupRoot => $"/flotilla/{name}";

    /// <param name="imageDiskSize">Of the disk for images, as tmpfs takes it: 32m. Null for the machine's.</param>
    public static async Task<ContainerdServer> StartAsync(string? imageDiskSize = null)
    {
        var home = Directory.CreateTempSubdirectory("flotilla-containerd-").FullName;
        var name = "fltest" + Path.GetRandomFileName()[..8];
        Directory.CreateDirectory(Path.Combine(home, "cni"));
        var number = await ConnectAsync(name);
        await File.WriteAllTextAsync(Path.Combine(home, "cni", "10-pods.conflist"), Network(home, name, number));
        await File.WriteAllTextAsync(Path.Combine(home, "containerd.toml"), Configuration(home, number));
        if (imageDiskSize is not null)
        {
            await MountTmpfsAsync(Directory.CreateDirectory(Path.Combine(home, "root")).FullName, imageDiskSize);
        }

        // nsenter and not `ip netns exec`: the latter mounts a new /sys, and with it the cgroups are gone.
        var process = Start("sh", "-c", $"""
            nsenter --net=/run/netns/{name} containerd -c {home}/containerd.toml >{home}/log 2>&1 &
            echo $! >{home}/pid
            cat >/dev/null
            for pid in $(ip netns pids {name}); do kill -9 $pid; done
            kill -9 $(cat {home}/pid)
            for i in 1 2 3 4 5; do
              for cgroup in $(find /sys/fs/cgroup -depth -type d -path '*/flotilla/{name}*'); do
                for pid in $(cat $cgroup/cgroup.procs); do kill -9 $pid; done
                rmdir $cgroup
              done 2>/dev/null
              sleep 0.1
            done
            for result in /var/lib/cni/results/{name}-*-eth0; do
              rm -f /var/lib/cni/results/*-$(basename $result -eth0 | sed 's/^{name}-//')-*
            done
            ip netns del {name}
            cut -d' ' -f2 /proc/mounts | grep '^{home}/' | sort -r | xargs -r umount -l
            rm -rf {home}
            """);
        var server = new ContainerdServer(home, name, process) { PodNetwork = $"10.88.{number}.", Addresses = ($"169.254.{number}.1", $"169.254.{number}.2") };
        await RunAsync("sh", "-c", $"for i in $(seq 300); do ctr -a {server.Socket} version >/dev/null 2>&1 && exit 0; sleep 0.05; done; cat {home}/log >&2; exit 1");
        return server;
    }

    /// <param name="archive">An OCI image archive.</param>
    public Task ImportAsync(string archive) => RunAsync("ctr", "-a", Socket, "-n", "k8s.io", "images", "import", archive);

    /// <summary>A small disk, whose mounts others may see; unmounted with the server.</summary>
    public Task MountAsync(string directory, string size) => MountTmpfsAsync(directory, size);

    private static Task MountTmpfsAsync(string directory, string size) => RunAsync("mount", "--make-shared", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", directory);

    /// <summary>As a crash would: no signal is caught, containers stay. Starts it anew.</summary>
    public async Task CrashAsync()
    {
        await KillAsync();
        await StartAgainAsync();
    }

    public Task KillAsync() => RunAsync("sh", "-c", $"kill -9 $(cat {home}/pid)");

    public Task StartAgainAsync() => RunAsync("sh", "-c", $"""
        setsid nsenter --net=/run/netns/{name} containerd -c {home}/containerd.toml >>{home}/log 2>&1 </dev/null &
        echo $! >{home}/pid
        """);

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Makes the namespace and its cable. Two test processes may not take the same addresses: the route says which are free.</summary>
    private static async Task<int> ConnectAsync(string name)
    {
        var answer = await RunAsync("sh", "-c", $"""
            ip netns add {name} && ip -n {name} link set lo up
            ip link add {name}h type veth peer name uplink netns {name} && ip link set {name}h up && ip -n {name} link set uplink up
            for n in $(shuf -i 1-250); do
              ip route add 10.88.$n.0/24 dev {name}h 2>/dev/null || continue
              ip addr add 169.254.$n.1/30 dev {name}h && ip -n {name} addr add 169.254.$n.2/30 dev uplink || exit 1
              ip route replace 10.88.$n.0/24 via 169.254.$n.2 dev {name}h && echo $n && exit 0
            done
            exit 1
            """);
        return int.Parse(answer, CultureInfo.InvariantCulture);
    }

    private static string Configuration(string home, int number) => $"""
        version = 2
        root = "{home}/root"
        state = "{home}/state"
        disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
        [grpc]
          address = "{home}/containerd.sock"
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "flotilla.local/pause:1"
          restrict_oom_score_adj = true
          netns_mounts_under_state_dir = true
          stream_server_address = "169.254.{number}.2"
          stream_server_port = "0"
          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "/usr/lib/cni"
            conf_dir = "{home}/cni"
        """;

    /// <summary>Of a name of its own, so that what its plugins leave outside <paramref name="home"/> can be found.</summary>
    private static string Network(string home, string name, int number) => $$"""
        {"cniVersion": "0.4.0", "name": "{{name}}", "plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipam":
          {"type": "host-local", "ranges": [[ {"subnet": "10.88.{{number}}.0/24"} ]], "dataDir": "{{home}}/addresses", "routes": [ {"dst": "0.0.0.0/0"} ]}
        }]}
        """;

    private static Process Start(string command, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })
        ?? throw new InvalidOperationException($"{command} could not be started");

    private static async Task<string> RunAsync(string command, params string[] arguments)
    {
        using var process = Start(command, arguments);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command} {string.Join(' ', arguments)}: {await error}");
        }

        return output;
    }
}
