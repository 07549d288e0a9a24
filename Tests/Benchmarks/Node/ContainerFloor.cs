using System.Diagnostics;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.Benchmarks.Node;

/// <summary>What containerd and runc need for one container that ends at once, without sandbox, network, or anybody who watches.</summary>
internal static class ContainerFloor
{
    private const int Runs = 5;

    public static async Task<Samples> MeasureAsync(SandboxedCluster cluster, CancellationToken cancellationToken)
    {
        var containerd = (await cluster.EnsureNodeAsync(0)).Containerd.Pid;
        var samples = new Samples();
        for (var run = 0; run <= Runs; run++)
        {
            var started = Stopwatch.GetTimestamp();
            using var process = Process.Start(new ProcessStartInfo(
                "nsenter",
                ["-t", $"{containerd}", "-m", "-n", "-p", "--", "ctr", "-a", "/run/containerd/containerd.sock", "-n", "k8s.io", "run", "--rm", "--cgroup", $"/flotilla/{cluster.Network.ClusterId}/{cluster.Nodes[0].Id.Name}/floor/{run}", SandboxedCluster.Image, $"floor-{run}", "/bin/true"])
            { UseShellExecute = false, RedirectStandardOutput = true })!;
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0) { throw new InvalidOperationException($"ctr run failed with {process.ExitCode}"); }
            if (run > 0) { samples.Add(Stopwatch.GetElapsedTime(started).TotalSeconds); }
        }

        return samples;
    }
}
