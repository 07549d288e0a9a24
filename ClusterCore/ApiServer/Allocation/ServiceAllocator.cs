using System.Net;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Allocation;

/// <summary>Gives Services their cluster addresses and node ports.</summary>
internal sealed class ServiceAllocator(ServiceAddresses addresses, (int First, int Last) nodePorts)
{
    private static readonly GroupResource services = new("", "services");
    private readonly Lock gate = new();
    private readonly PortPool ports = new(nodePorts);

    /// <summary>Knows the node ports that are taken, by whichever server of the cluster.</summary>
    public async Task FollowAsync(WatchFeed feed)
    {
        var (watcher, start) = feed.Of(services).WatchFromNow(Selection.All, bookmarks: false);
        using (watcher)
        {
            watcher.StopWith(feed.Stopping);
            Follow([], [.. start.Entries.SelectMany(entry => PortsOf(entry.Parse()))]);
            while (await watcher.WaitAsync())
            {
                while (watcher.TryTake(out var item)) { Follow(item.Event); }
            }
        }
    }

    public Task RepairAsync(WatchFeed feed, CancellationToken cancellationToken) =>
        addresses.RepairAsync([.. feed.Of(services).List("").Entries.Select(entry => entry.Parse())], cancellationToken);

    /// <param name="isDryRun">What would be given is found and not taken.</param>
    public async ValueTask<ServiceClaims> ClaimAsync(JsonObject? current, JsonObject next, bool isDryRun, CancellationToken cancellationToken)
    {
        var claims = new ServiceClaims((freed, freedPorts) => GiveBackAsync(freed, freedPorts));
        try
        {
            await ClaimAddressAsync(claims, current, next, isDryRun, cancellationToken);
            lock (gate) { ClaimPorts(claims, current, next); }
            if (current is not null) { claims.Drop(ServiceAddresses.Of(current).Except(ServiceAddresses.Of(next)), PortsOf(current).Except(PortsOf(next))); }
        }
        catch (StatusException)
        {
            await claims.DisposeAsync();
            throw;
        }

        return claims;
    }

    public ValueTask ReleaseAsync(JsonObject service) => GiveBackAsync([.. ServiceAddresses.Of(service)], [.. PortsOf(service)]);

    private void Follow(CacheEvent? change)
    {
        int[] before = change?.Previous is { } previous ? [.. PortsOf(previous.Parse())] : [];
        int[] now = change?.Current is { } current ? [.. PortsOf(current.Parse())] : [];
        Follow(before, now);
    }

    private void Follow(int[] before, int[] now)
    {
        lock (gate)
        {
            foreach (var port in before.Except(now)) { ports.GiveBack(port); }
            foreach (var port in now) { ports.TryTake(port); }
        }
    }

    /// <summary>Whatever became of the request: what is not given back now is lost until the next repair.</summary>
    private async ValueTask GiveBackAsync(IReadOnlyCollection<IPAddress> freed, IReadOnlyCollection<int> freedPorts)
    {
        lock (gate)
        {
            foreach (var port in freedPorts) { ports.GiveBack(port); }
        }

        foreach (var address in freed) { await addresses.GiveBackAsync(address, CancellationToken.None); }
    }

    private async ValueTask ClaimAddressAsync(ServiceClaims claims, JsonObject? current, JsonObject next, bool isDryRun, CancellationToken cancellationToken)
    {
        if (next["spec"] is not JsonObject spec) { return; }
        if (ObjectMeta.Text(spec, "type") == "ExternalName")
        {
            spec.Remove("clusterIP");
            spec.Remove("clusterIPs");
            return;
        }

        var wanted = ObjectMeta.Text(spec, "clusterIP");
        var held = current is null ? "" : ObjectMeta.Text(current["spec"], "clusterIP");
        if (wanted.Length == 0 && held.Length > 0) { wanted = held; }
        if (wanted.Length == 0) { wanted = (await TakeAddressAsync(claims, next, isDryRun, cancellationToken)).ToString(); }
        else if (wanted != "None" && wanted != held) { await TakeAddressAsync(claims, next, wanted, isDryRun, cancellationToken); }
        spec["clusterIP"] = wanted;
        spec["clusterIPs"] = new JsonArray(wanted);
        CompleteFamilies(spec, wanted);
    }

    private static void CompleteFamilies(JsonObject spec, string address)
    {
        spec["ipFamilyPolicy"] ??= "SingleStack";
        spec["ipFamilies"] ??= new JsonArray(address.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4");
    }

    private async ValueTask<IPAddress> TakeAddressAsync(ServiceClaims claims, JsonObject service, bool isDryRun, CancellationToken cancellationToken)
    {
        var address = isDryRun ? addresses.FindFree() : await addresses.TakeAnyAsync(service, cancellationToken);
        if (address is null) { throw Refusal.Internal("failed to allocate a serviceIP: range is full"); }
        if (!isDryRun) { claims.Add(address); }
        return address;
    }

    private async ValueTask TakeAddressAsync(ServiceClaims claims, JsonObject service, string wanted, bool isDryRun, CancellationToken cancellationToken)
    {
        StatusException refused(string why) => Invalid(service, "spec.clusterIPs", $"Invalid value: [\"{wanted}\"]: failed to allocate IP {wanted}: {why}");
        if (!IPAddress.TryParse(wanted, out var address) || !addresses.Contains(address)) { throw refused("the provided network does not match the current range"); }
        if (isDryRun ? !addresses.IsFree(address) : !await addresses.TryTakeAsync(address, service, cancellationToken)) { throw refused("provided IP is already allocated"); }
        if (!isDryRun) { claims.Add(address); }
    }

    private void ClaimPorts(ServiceClaims claims, JsonObject? current, JsonObject next)
    {
        var needs = ObjectMeta.Text(next["spec"], "type") is "NodePort" or "LoadBalancer";
        var held = current is null ? [] : PortsOf(current).ToHashSet();
        var before = current?["spec"]?["ports"] as JsonArray ?? [];
        var list = next["spec"]?["ports"] as JsonArray ?? [];
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not JsonObject port) { continue; }
            if (!needs)
            {
                port.Remove("nodePort");
                continue;
            }

            var wanted = (int)(ObjectMeta.Number(port, "nodePort") ?? 0);
            if (wanted == 0) { wanted = SameAsBefore(before, port); }
            if (wanted == 0) { port["nodePort"] = TakePort(claims); }
            else if (!held.Contains(wanted)) { TakePort(claims, next, wanted, i); }
            if (wanted != 0) { port["nodePort"] = wanted; }
        }
    }

    /// <summary>A port that the update does not name keeps the node port it has.</summary>
    private static int SameAsBefore(JsonArray before, JsonObject port)
    {
        var same = before.OfType<JsonObject>().FirstOrDefault(one =>
            ObjectMeta.Number(one, "port") == ObjectMeta.Number(port, "port") && ObjectMeta.Text(one, "protocol") == ObjectMeta.Text(port, "protocol"));
        return (int)(ObjectMeta.Number(same, "nodePort") ?? 0);
    }

    private int TakePort(ServiceClaims claims)
    {
        var port = ports.TakeAny() ?? throw Refusal.Internal("failed to allocate a nodePort: range is full");
        claims.Add(port);
        return port;
    }

    private void TakePort(ServiceClaims claims, JsonObject service, int wanted, int index)
    {
        var field = $"spec.ports[{index}].nodePort";
        if (!ports.Contains(wanted)) { throw Invalid(service, field, $"Invalid value: {wanted}: provided port is not in the valid range. The range of valid ports is {ports.Range}"); }
        if (!ports.TryTake(wanted)) { throw Invalid(service, field, $"Invalid value: {wanted}: provided port is already allocated"); }
        claims.Add(wanted);
    }

    private static StatusException Invalid(JsonObject service, string field, string message) =>
        Refusal.Invalid("", "Service", ObjectMeta.Name(service), [new("FieldValueInvalid", message, field)]);

    private static IEnumerable<int> PortsOf(JsonObject service) =>
        (service["spec"]?["ports"] as JsonArray ?? []).Select(port => (int)(ObjectMeta.Number(port, "nodePort") ?? 0)).Where(port => port > 0);
}
