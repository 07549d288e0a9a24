using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.NodeAgent.Network.Commands;

namespace Flotilla.NodeAgent.Network.Routes;

/// <summary>The kernel's routes that are ours, told apart by a protocol number of their own.</summary>
internal sealed class RouteTable(ICommandRunner commands) : IPodRouteTable
{
    private const string Protocol = "186";

    public async Task ApplyAsync(IReadOnlySet<PodRoute> wanted, CancellationToken cancellationToken)
    {
        var present = await ListAsync(cancellationToken);
        foreach (var route in wanted.Except(present))
        {
            await RunAsync(["route", "replace", route.PodCidr, "via", route.Via, "proto", Protocol], cancellationToken);
        }
        var kept = wanted.Select(route => route.PodCidr).ToHashSet(StringComparer.Ordinal);
        foreach (var route in present.Where(route => !kept.Contains(route.PodCidr)))
        {
            await RunAsync(["route", "del", route.PodCidr, "proto", Protocol], cancellationToken);
        }
    }

    private async Task<HashSet<PodRoute>> ListAsync(CancellationToken cancellationToken)
    {
        var json = await RunAsync(["-j", "route", "show", "proto", Protocol], cancellationToken);
        try
        {
            return [.. (JsonNode.Parse(json) as JsonArray ?? []).Select(one => new PodRoute((string?)one?["dst"] ?? "", (string?)one?["gateway"] ?? ""))];
        }
        catch (JsonException exception)
        {
            throw new CommandFailedException($"ip route answered no JSON: {exception.Message}", exception);
        }
    }

    private Task<string> RunAsync(string[] arguments, CancellationToken cancellationToken) => commands.RunAsync("ip", arguments, null, cancellationToken);
}
