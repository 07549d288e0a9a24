using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tables;

internal static class NetworkCells
{
    private const int Shown = 3;

    public static JsonNode? ExternalIp(RowView row)
    {
        var external = row.At("spec.externalIPs") is JsonArray list ? list.Select(ip => ip?.ToString() ?? "").ToList() : [];
        var type = row.Text("spec.type");
        if (type == "ExternalName") { return row.Text("spec.externalName"); }
        if (type == "LoadBalancer")
        {
            var given = row.List("status.loadBalancer.ingress").Select(one => one["ip"]?.ToString() ?? one["hostname"]?.ToString() ?? "").ToArray();
            if (given.Length + external.Count == 0) { return "<pending>"; }
            external.InsertRange(0, given);
        }

        return external.Count == 0 ? RowView.None : string.Join(',', external);
    }

    public static JsonNode? Ports(RowView row) => row.Join("spec.ports", port =>
        port["nodePort"]?.GetValue<int>() is > 0 and var nodePort ? $"{port["port"]}:{nodePort}/{port["protocol"]}" : $"{port["port"]}/{port["protocol"]}");

    public static JsonNode? Endpoints(RowView row)
    {
        var all = new List<string>();
        foreach (var subset in row.List("subsets"))
        {
            var addresses = (subset["addresses"] as JsonArray ?? []).Select(address => address?["ip"]?.ToString() ?? "").ToArray();
            var ports = (subset["ports"] as JsonArray ?? []).Select(port => port?["port"]?.ToString() ?? "").ToArray();
            all.AddRange(ports.Length == 0 ? addresses : ports.SelectMany(port => addresses.Select(address => $"{address}:{port}")));
        }

        return Few(all);
    }

    public static JsonNode? SlicePorts(RowView row) => row.Count("ports") == 0
        ? RowView.Unset
        : Few([.. row.List("ports").Select(port => port["port"]?.ToString() ?? "*")]);

    public static JsonNode? SliceEndpoints(RowView row) => row.Count("endpoints") == 0
        ? RowView.Unset
        : Few([.. row.List("endpoints").SelectMany(endpoint => (endpoint["addresses"] as JsonArray ?? []).Select(address => address?.ToString() ?? ""))]);

    public static JsonNode? IngressHosts(RowView row)
    {
        var hosts = row.List("spec.rules").Select(rule => rule["host"]?.ToString() ?? "").Where(host => host.Length > 0).ToArray();
        return hosts.Length switch { 0 => "*", > Shown => $"{string.Join(',', hosts[..Shown])} + {hosts.Length - Shown} more...", _ => string.Join(',', hosts) };
    }

    public static JsonNode? IngressAddress(RowView row) =>
        row.Join("status.loadBalancer.ingress", one => one["ip"]?.ToString() ?? one["hostname"]?.ToString() ?? "", "");

    public static JsonNode? IngressParameters(RowView row)
    {
        if (row.At("spec.parameters") is null) { return RowView.None; }
        var group = row.Text("spec.parameters.apiGroup");
        return $"{row.Text("spec.parameters.kind")}{(group.Length > 0 ? "." + group : "")}/{row.Text("spec.parameters.name")}";
    }

    /// <summary>As <c>services/default/web</c>, or with a group <c>gateways.gateway.networking.k8s.io/default/web</c>.</summary>
    public static JsonNode? ParentRef(RowView row)
    {
        if (row.At("spec.parentRef") is null) { return RowView.None; }
        var (group, @namespace) = (row.Text("spec.parentRef.group"), row.Text("spec.parentRef.namespace"));
        var resource = $"{row.Text("spec.parentRef.resource")}{(group.Length > 0 ? "." + group : "")}".ToLowerInvariant();
        return $"{resource}{(@namespace.Length > 0 ? "/" + @namespace : "")}/{row.Text("spec.parentRef.name")}";
    }

    private static string Few(List<string> all) => all.Count switch
    {
        0 => RowView.None,
        > Shown => $"{string.Join(',', all.Take(Shown))} + {all.Count - Shown} more...",
        _ => string.Join(',', all),
    };
}
