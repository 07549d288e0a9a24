using System.Diagnostics;
using System.Globalization;
using System.Net;
using Flotilla.ClusterCore.Client;
using Flotilla.EndToEnd.Platform;
using Flotilla.TestKit;

namespace Flotilla.EndToEnd.SafeByDefault;

/// <summary><c>bin/clustercore serve</c> and twenty simulated nodes of <c>bin/nodeagent</c>: room for 2,200 pods.</summary>
public sealed class SimulatedCluster : IAsyncLifetime
{
    public const int Nodes = 20;
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("flotilla-safe-");
    private Process? controlPlane, nodes;

    private string KubeconfigFile => Path.Combine(home.FullName, "kubeconfig");

    public Kubectl Kubectl { get; private set; } = null!;

    public ApiClient Client { get; private set; } = null!;

    /// <summary>Of the control plane, with shared pages divided among those who share them, in MiB.</summary>
    public double Memory
    {
        get
        {
            var line = File.ReadLines($"/proc/{controlPlane!.Id}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return double.Parse(line["Pss:".Length..^"kB".Length], CultureInfo.InvariantCulture) / 1024;
        }
    }

    public async ValueTask InitializeAsync()
    {
        Kubectl = KubectlOf("kubectl");
        controlPlane = Start(
            "bin/clustercore", "serve", "--data-dir", Path.Combine(home.FullName, "data"), "--listen", $"127.0.0.1:{LoopbackPort.Free()}",
            "--write-kubeconfig", KubeconfigFile);
        await Eventually.GetAsync(() => Kubectl.TryRunAsync("get --raw /readyz"), answer => answer.ExitCode == 0);
        Client = ApiClient.Create(Kubeconfig.Load(KubeconfigFile));
        nodes = Start(
            "bin/nodeagent", "run", "--kubeconfig", KubeconfigFile, "--name", "sim", "--runtime", "simulated", "--count",
            Nodes.ToString(CultureInfo.InvariantCulture), "--node-ip", LoopbackOfItsOwn(), "--root-dir", Path.Combine(home.FullName, "nodes"));
        await Eventually.GetAsync(ReadyNodesAsync, ready => ready == Nodes);
    }

    /// <param name="program">Which kubectl it is.</param>
    public Kubectl KubectlOf(string program) => new(new Dictionary<string, string> { ["HOME"] = home.FullName }, KubeconfigFile, program);

    public async Task<int> ReadyNodesAsync() =>
        (await Kubectl.RunAsync("get nodes --no-headers --ignore-not-found")).Split('\n').Count(line => line.Contains(" Ready ", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        foreach (var process in (Process?[])[nodes, controlPlane])
        {
            if (process is not null)
            {
                process.Kill();
                await process.WaitForExitAsync();
                process.Dispose();
            }
        }

        home.Delete(recursive: true);
    }

    private static Process Start(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, tool), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        // Read and dropped: a full pipe would stop the process.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Kubelets listen on one port: two sets of nodes on a machine need an address each.</summary>
    private static string LoopbackOfItsOwn() => new IPAddress([127, .. Guid.NewGuid().ToByteArray()[..2], 1]).ToString();
}
