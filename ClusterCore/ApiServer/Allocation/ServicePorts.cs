using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Allocation;

/// <summary>The ports Services have on every node: of their own ports, and the one where load balancers ask for their health.</summary>
internal sealed class ServicePorts((int First, int Last) range)
{
    private readonly Lock gate = new();
    private readonly PortPool pool = new(range);

    public void Claim(ServiceClaims claims, JsonObject? current, JsonObject next)
    {
        var spec = next.Spec() ?? [];
        lock (gate)
        {
            if (spec.Text("type") is "NodePort" or "LoadBalancer")
            {
                if (current is null) { ClaimFirst(claims, next, spec); }
                else { ClaimMore(claims, [.. Of(current)], next, spec); }
            }

            if (ServiceTrafficValidation.NeedsHealthCheck(spec) && (current?.Spec() is not { } before || !ServiceTrafficValidation.NeedsHealthCheck(before)))
            {
                ClaimHealthCheck(claims, spec);
            }
        }
    }

    public void Follow(IEnumerable<int> freed, IEnumerable<int> taken)
    {
        lock (gate)
        {
            foreach (var port in freed) { pool.GiveBack(port); }
            foreach (var port in taken) { pool.TryTake(port); }
        }
    }

    public static IEnumerable<int> Of(JsonObject service) => (service.Spec() ?? []).Items("ports").Select(NodePort)
        .Append((int)(service.Spec()?.Number("healthCheckNodePort") ?? 0)).Where(static port => port > 0);

    /// <summary>Ports of one number, over TCP and over UDP, share a node port, unless they say otherwise.</summary>
    private void ClaimFirst(ServiceClaims claims, JsonObject service, JsonObject spec)
    {
        var given = new Dictionary<long, int>();
        foreach (var (index, port) in spec.Items("ports").Index())
        {
            var (number, wanted) = (port.Number("port") ?? 0, NodePort(port));
            if (wanted == 0 && !GetsPorts(spec)) { continue; }
            if (!given.TryGetValue(number, out var held))
            {
                var requested = spec.Items("ports").Where(other => other.Number("port") == number).Select(NodePort).FirstOrDefault(static other => other != 0);
                if (requested != 0) { Take(claims, service, requested, index); }
                port["nodePort"] = given[number] = requested != 0 ? requested : TakeAny(claims);
            }
            else if (wanted == 0) { port["nodePort"] = held; }
            else if (wanted != held) { Take(claims, service, wanted, index); }
        }
    }

    private void ClaimMore(ServiceClaims claims, HashSet<int> held, JsonObject service, JsonObject spec)
    {
        foreach (var (index, port) in spec.Items("ports").Index())
        {
            var wanted = NodePort(port);
            if (wanted == 0 && GetsPorts(spec)) { port["nodePort"] = TakeAny(claims); }
            else if (wanted != 0 && held.Add(wanted)) { Take(claims, service, wanted, index); }
        }
    }

    private void ClaimHealthCheck(ServiceClaims claims, JsonObject spec)
    {
        var wanted = (int)(spec.Number("healthCheckNodePort") ?? 0);
        if (wanted == 0) { spec["healthCheckNodePort"] = TakeAny(claims); }
        else if (pool.Take(wanted) is { } wrong) { throw Refusal.Internal($"failed to allocate requested HealthCheck NodePort {wanted}: {wrong}"); }
        else { claims.Add(wanted); }
    }

    private int TakeAny(ServiceClaims claims)
    {
        var port = pool.TakeAny() ?? throw Refusal.Internal("failed to allocate a nodePort: range is full");
        claims.Add(port);
        return port;
    }

    private void Take(ServiceClaims claims, JsonObject service, int wanted, int index)
    {
        if (pool.Take(wanted) is { } wrong) { throw ServiceAllocator.Invalid(service, FieldError.Invalid($"spec.ports[{index}].nodePort", wanted, wrong)); }
        claims.Add(wanted);
    }

    private static bool GetsPorts(JsonObject spec) => spec.Text("type") == "NodePort" || spec.Flag("allocateLoadBalancerNodePorts") == true;

    private static int NodePort(JsonObject port) => (int)(port.Number("nodePort") ?? 0);
}
