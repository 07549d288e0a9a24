using System.Net;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Allocation;

/// <summary>Gives Services their cluster addresses and node ports. What is taken is read off the stored Services at start.</summary>
internal sealed class ServiceAllocator(IPNetwork network, (int First, int Last) nodePorts)
{
    private readonly Lock gate = new();
    private readonly AddressPool addresses = new(network);
    private readonly PortPool ports = new(nodePorts);

    public void Load(IEnumerable<CacheEntry> services)
    {
        addresses.TryTake(Certificates.ServerNames.ServiceAddress(network, 1));
        foreach (var entry in services)
        {
            var service = entry.Parse();
            foreach (var address in AddressesOf(service)) { addresses.TryTake(address); }
            foreach (var port in PortsOf(service)) { ports.TryTake(port); }
        }
    }

    public ServiceClaims Claim(JsonObject? current, JsonObject next)
    {
        var claims = new ServiceClaims(GiveBack);
        lock (gate)
        {
            try
            {
                ClaimAddress(claims, current, next);
                ClaimPorts(claims, current, next);
            }
            catch (StatusException)
            {
                claims.Dispose();
                throw;
            }
        }

        return claims;
    }

    public void Release(JsonObject service) => GiveBack([.. AddressesOf(service)], [.. PortsOf(service)]);

    private void GiveBack(IReadOnlyCollection<IPAddress> freed, IReadOnlyCollection<int> freedPorts)
    {
        lock (gate)
        {
            foreach (var address in freed) { addresses.GiveBack(address); }
            foreach (var port in freedPorts) { ports.GiveBack(port); }
        }
    }

    private void ClaimAddress(ServiceClaims claims, JsonObject? current, JsonObject next)
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
        if (wanted.Length == 0) { wanted = TakeAddress(claims).ToString(); }
        else if (wanted != "None" && wanted != held) { TakeAddress(claims, next, wanted); }
        spec["clusterIP"] = wanted;
        spec["clusterIPs"] = new JsonArray(wanted);
        CompleteFamilies(spec, wanted);
    }

    private static void CompleteFamilies(JsonObject spec, string address)
    {
        spec["ipFamilyPolicy"] ??= "SingleStack";
        spec["ipFamilies"] ??= new JsonArray(address.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4");
    }

    private IPAddress TakeAddress(ServiceClaims claims)
    {
        var address = addresses.TakeAny() ?? throw Refusal.Internal("failed to allocate a serviceIP: range is full");
        claims.Add(address);
        return address;
    }

    private void TakeAddress(ServiceClaims claims, JsonObject service, string wanted)
    {
        if (!IPAddress.TryParse(wanted, out var address) || !addresses.Contains(address))
        {
            throw Invalid(service, "spec.clusterIPs", $"Invalid value: [\"{wanted}\"]: failed to allocate IP {wanted}: the provided network does not match the current range");
        }

        if (!addresses.TryTake(address)) { throw Invalid(service, "spec.clusterIPs", $"Invalid value: [\"{wanted}\"]: failed to allocate IP {wanted}: provided IP is already allocated"); }
        claims.Add(address);
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

    private static IEnumerable<IPAddress> AddressesOf(JsonObject service) =>
        (service["spec"]?["clusterIPs"] as JsonArray ?? []).Select(one => IPAddress.TryParse(one?.ToString(), out var address) ? address : null).OfType<IPAddress>();

    private static IEnumerable<int> PortsOf(JsonObject service) =>
        (service["spec"]?["ports"] as JsonArray ?? []).Select(port => (int)(ObjectMeta.Number(port, "nodePort") ?? 0)).Where(port => port > 0);
}
