using System.Globalization;
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
        return (column.Type, found?.GetValueKind()) switch
        {
            (_, null) => null,
            ("string", _) => found is JsonValue ? found.ToString() : found!.ToJsonString(),
            ("integer", JsonValueKind.Number) => (long)Number(found!),
            ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => found!.DeepClone(),
            ("date", JsonValueKind.String) => Age.Since(found!.ToString(), row.Now) is var age && age == Age.Unknown ? "<invalid>" : age,
            // What is not of the column's type is not shown.
            _ => null,
        };
    }

    private static double Number(JsonNode node) => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);
}
