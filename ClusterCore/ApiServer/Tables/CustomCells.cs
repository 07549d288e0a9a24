using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tables;

/// <summary>Cells of custom resources: the definition's columns name a JSONPath each.</summary>
internal static class CustomCells
{
    public static JsonNode? Of(ColumnInfo column, string path, RowView row)
    {
        if (path.Length == 0) { return row.Name; }
        var found = JsonPath.First(row.Object, path);
        return (column.Type, found) switch
        {
            (_, null) => null,
            ("date", _) => Age.Since(found.ToString(), row.Now),
            ("integer" or "number" or "boolean", JsonValue) when found.GetValueKind() != JsonValueKind.String => found.DeepClone(),
            _ => found is JsonValue ? found.ToString() : found.ToJsonString(),
        };
    }
}
