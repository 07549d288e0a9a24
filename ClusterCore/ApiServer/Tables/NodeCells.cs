using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tables;

internal static class NodeCells
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static JsonNode? Status(RowView row)
    {
        var ready = WorkloadCells.Condition(row, "Ready") switch { "True" => "Ready", "" => "Unknown", _ => "NotReady" };
        return row.Text("spec.unschedulable") == "true" ? $"{ready},SchedulingDisabled" : ready;
    }

    public static JsonNode? Roles(RowView row)
    {
        var labels = row.At("metadata.labels") as JsonObject ?? [];
        var roles = labels.Select(label => label.Key == "kubernetes.io/role" ? label.Value?.ToString() ?? "" : label.Key.StartsWith(RolePrefix, StringComparison.Ordinal) ? label.Key[RolePrefix.Length..] : "")
            .Where(role => role.Length > 0).Order(StringComparer.Ordinal).ToArray();
        return roles.Length == 0 ? RowView.None : string.Join(',', roles);
    }

    public static JsonNode? Address(RowView row, string type) =>
        row.List("status.addresses").FirstOrDefault(address => address["type"]?.ToString() == type)?["address"]?.ToString() ?? RowView.None;

    public static JsonNode? SigningCondition(RowView row)
    {
        var types = row.List("status.conditions").Select(condition => condition["type"]?.ToString()).ToArray();
        var text = types.Contains("Denied") ? "Denied" : types.Contains("Approved") ? "Approved" : "Pending";
        if (types.Contains("Failed")) { text += ",Failed"; }
        return row.Text("status.certificate").Length > 0 ? $"{text},Issued" : text;
    }
}
