using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tables;

/// <summary>Admission policies and their bindings: what their parameters are.</summary>
internal static class PolicyCells
{
    public static JsonNode? ParamKind(RowView row) =>
        row.At("spec.paramKind") is null ? RowView.Unset : $"{row.Text("spec.paramKind.apiVersion")}/{row.Text("spec.paramKind.kind")}";

    public static JsonNode? ParamRef(RowView row)
    {
        if (row.Text("spec.paramRef.name") is not { Length: > 0 } name) { return row.At("spec.paramRef.selector") is null ? RowView.Unset : row.Selector("spec.paramRef.selector"); }
        var @namespace = row.Text("spec.paramRef.namespace");
        return @namespace.Length > 0 ? $"{@namespace}/{name}" : name;
    }
}
