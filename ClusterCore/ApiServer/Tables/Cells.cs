using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tables;

/// <summary>Finds the cell of a column: by kind and column, then by column alone.</summary>
internal static class Cells
{
    public static JsonNode? Of(ResourceInfo resource, ColumnInfo column, RowView row)
    {
        if (CellTable.Own.TryGetValue((KindRules.Id(resource), column.Name), out var own)) { return own(row); }
        return CellTable.Common.TryGetValue(column.Name, out var common) ? common(row) : RowView.None;
    }
}
