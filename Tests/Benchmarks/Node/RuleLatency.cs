using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.Benchmarks.Node;

/// <summary>From the request that changes a Service's endpoint to the kernel of the last node saying that its rule has it.</summary>
internal static class RuleLatency
{
    private const int Changes = 100;

    public static async Task MeasureAsync(SandboxedCluster cluster, CancellationToken cancellationToken)
    {
        await CreateServiceAsync(cluster, cancellationToken);
        var monitors = Enumerable.Range(0, cluster.Nodes.Count).Select(node => Monitor(cluster.NetworkNamespaceOf(node))).ToList();
        try
        {
            await UntilHeardAsync(cluster, monitors, cancellationToken);
            var samples = new Samples();
            for (var change = 0; change < Changes; change++)
            {
                var address = $"10.244.200.{change}";
                var started = Stopwatch.GetTimestamp();
                await MoveAsync(cluster, address, cancellationToken);
                await Task.WhenAll(monitors.Select(monitor => HearAsync(monitor, address, cancellationToken)));
                samples.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            var load = string.Create(CultureInfo.InvariantCulture, $"{monitors.Count} nodes, 100 idle pods");
            new Figure("service update to the last node's rule, p50", Math.Round(samples.Median, 1), "ms", samples.Count, load).Print();
            new Figure("service update to the last node's rule, p99", Math.Round(samples.Percentile(99), 1), "ms", samples.Count, load).Print();
        }
        finally
        {
            foreach (var monitor in monitors)
            {
                monitor.Kill();
                monitor.Dispose();
            }
        }
    }

    private static Process Monitor(string place) => Process.Start(
        new ProcessStartInfo("nsenter", [$"--net={place}", "nft", "monitor", "elements"]) { UseShellExecute = false, RedirectStandardOutput = true })!;

    private static async Task HearAsync(Process monitor, string address, CancellationToken cancellationToken)
    {
        while (await monitor.StandardOutput.ReadLineAsync(cancellationToken) is { } line && !line.Contains(string.Create(CultureInfo.InvariantCulture, $": {address} . "), StringComparison.Ordinal)) { }
    }

    /// <summary>A monitor says nothing when it begins to listen: changes are made until each tells of one.</summary>
    private static async Task UntilHeardAsync(SandboxedCluster cluster, IReadOnlyList<Process> monitors, CancellationToken cancellationToken)
    {
        var first = Task.WhenAll(monitors.Select(monitor => monitor.StandardOutput.ReadLineAsync(cancellationToken).AsTask()));
        for (var change = 0; !first.IsCompleted; change = (change + 1) % 250)
        {
            await MoveAsync(cluster, $"10.244.201.{change}", cancellationToken);
            await Task.WhenAny(first, Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken));
        }
    }

    private static async Task MoveAsync(SandboxedCluster cluster, string address, CancellationToken cancellationToken)
    {
        var patch = Patch.Merge(new JsonObject { ["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray(address) }) });
        (await cluster.Client.PatchAsync(Kinds.EndpointSlices, "default", "moving-1", patch, cancellationToken)).OrThrow();
    }

    private static async Task CreateServiceAsync(SandboxedCluster cluster, CancellationToken cancellationToken)
    {
        var service = new Service { Metadata = new() { Name = "moving", Namespace = "default" }, Spec = new() { Ports = [new() { Port = 80 }] } };
        (await cluster.Client.CreateAsync(Kinds.Services, service, cancellationToken)).OrThrow();
        var slice = new EndpointSlice
        {
            Metadata = new() { Name = "moving-1", Namespace = "default", Labels = A.Labels("kubernetes.io/service-name", "moving") },
            AddressType = "IPv4",
            Endpoints = [],
            Ports = [new() { Port = 8080 }],
        };
        (await cluster.Client.CreateAsync(Kinds.EndpointSlices, slice, cancellationToken)).OrThrow();
    }
}
