using System.Diagnostics;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Network.Services;
using Flotilla.TestKit;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.Benchmarks.Node;

/// <summary>The service proxy's own work for many Services: compiling, and nftables in a network namespace of its own.</summary>
internal static class ServiceRuleLoad
{
    private const int Services = 5000;
    private const int Changes = 50;

    private static readonly ProxyNode Node = new("node-0", "10.244.0.0/16", "10.96.0.0/16", "10.96.0.10");

    public static async Task MeasureAsync(CancellationToken cancellationToken)
    {
        var name = $"fltbench-{Environment.ProcessId}";
        await RunAsync("ip", ["netns", "add", name], cancellationToken);
        try
        {
            using var nftables = await NetworkNamespace.RunAsync($"/run/netns/{name}", static () => new Nftables());
            var table = new ProxyTable(Node);
            var started = Stopwatch.GetTimestamp();
            var all = Enumerable.Range(0, Services).ToDictionary(index => $"default/web-{index}", index => Compile(index, 0), StringComparer.Ordinal);
            await nftables.RunAsync(table.Rebuild(all), cancellationToken);
            new Figure("first sync of 5,000 services × 2 endpoints", Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3), "s", 1, "").Print();

            var samples = new Samples();
            for (var change = 1; change <= Changes; change++)
            {
                started = Stopwatch.GetTimestamp();
                var rules = new Dictionary<string, ServiceRules>(StringComparer.Ordinal) { [$"default/web-{change}"] = Compile(change, change) };
                await nftables.RunAsync(table.Update(rules), cancellationToken);
                samples.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            new Figure("one change among 5,000 services, p50", Math.Round(samples.Median, 1), "ms", Changes, "").Print();
            new Figure("one change among 5,000 services, p99", Math.Round(samples.Percentile(99), 1), "ms", Changes, "").Print();
        }
        finally
        {
            await RunAsync("ip", ["netns", "delete", name], CancellationToken.None);
        }
    }

    private static ServiceRules Compile(int index, int generation)
    {
        var service = A.Service($"web-{index}");
        service.Spec.ClusterIP = $"10.96.{1 + (index / 250)}.{1 + (index % 250)}";
        var slice = new EndpointSlice
        {
            AddressType = "IPv4",
            Ports = [new() { Port = 8080 }],
            Endpoints = [Endpoint($"10.244.{index / 250}.{1 + (index % 250)}"), Endpoint($"10.244.{100 + generation}.{1 + (index % 250)}")],
        };
        return RuleCompiler.Compile(service, [slice], Node);
    }

    private static Endpoint Endpoint(string ip) => new() { Addresses = [ip], NodeName = "node-1" };

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0) { throw new InvalidOperationException($"{program} failed with {process.ExitCode}"); }
    }
}
