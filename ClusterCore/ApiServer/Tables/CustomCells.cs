using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tables;

/// <summary>Cells of custom resources: the definition's columns name a JSONPath (carried in <see cref="ColumnInfo.Format"/> of the served column).</summary>
internal static class CustomCells
{
    public static JsonNode? Of(ColumnInfo column, RowView row)
    {
        if (column.Name == "Name" && column.Format == "name") { return row.Name; }
        if (column.Name == "Age" && column.Type == "date" && column.Format.Length == 0) { return row.Age; }
        return null;
    }
}
