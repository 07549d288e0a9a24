using System.Diagnostics;
using System.Globalization;
using System.Net;
using Flotilla.ClusterCore.Client;

namespace Flotilla.Benchmarks.Controllers;

/// <summary>A <c>bin/nodeagent run --runtime simulated</c> with nodes of a common name, all Ready.</summary>
internal sealed class SimulatedFleet : IAsyncDisposable
{
    private readonly Process process;

    private SimulatedFleet(Process process) => this.process = process;

    /// <summary>Memory with shared pages divided among those who share them.</summary>
    public long ProportionalSetSize => ProcessWeight.ProportionalSetSize(process.Id);

    public static async Task<SimulatedFleet> StartAsync(
        ApiClient client, string kubeconfig, string directory, string name, int count, CancellationToken cancellationToken)
    {
        // Kubelets listen on port 10250 of their node's address: each fleet has one of its own on the loopback network.
        var address = new IPAddress([127, (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(256), (byte)Random.Shared.Next(1, 255)]);
        var start = new ProcessStartInfo("bin/nodeagent")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "run", "--kubeconfig", kubeconfig, "--name", name, "--runtime", "simulated", "--count",
                count.ToString(CultureInfo.InvariantCulture), "--node-ip", address.ToString(), "--root-dir", Path.Combine(directory, name),
            },
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Until.TrueAsync(
            async () => (await client.ListAsync(Kinds.Nodes, null, cancellationToken)).OrThrow().Items.Count(node =>
                node.Metadata.Name.StartsWith(name, StringComparison.Ordinal)
                && node.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true) == count,
            cancellationToken);
        return new(process);
    }

    /// <summary>As a machine that loses its power: no farewell is said.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process.Dispose();
    }
}
