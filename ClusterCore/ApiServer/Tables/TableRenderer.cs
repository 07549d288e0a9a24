using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.FlowControl;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tables;

/// <summary><c>as=Table</c>: what <c>kubectl get</c> prints, computed here so that any client shows the same columns.</summary>
internal sealed class TableRenderer(TimeProvider clock)
{
    private const string IncludeObject = "includeObject";

    private static readonly IReadOnlyList<ColumnInfo> plainColumns = [new("Name", "string", "name", 0), new("Created At", "date", "", 0)];

    /// <summary>Refuses what cannot be in a row; a watch, which cannot say so later, asks before it begins.</summary>
    public static void Check(ApiRequest request)
    {
        if (request.Query(IncludeObject) is "" or "Metadata" or "Object" or "None") { return; }
        var error = FieldError.Invalid(IncludeObject, request.Query(IncludeObject), "must be 'Metadata', 'Object', 'None', or empty");
        throw Refusal.BadRequest($"Unable to convert to Table as requested: {error.Field}: {error.Body}");
    }

    public JsonObject Render(Scope scope, ListPage page) => Table(
        scope, PartialMetadata.ListMeta(page), page.Items.Select(item => StoredVersions.Show(scope, item.Value)));

    public JsonObject RenderOne(Scope scope, ReadOnlyMemory<byte> value, bool withColumns)
    {
        var version = ObjectMeta.Text(JsonNode.Parse(value.Span)!["metadata"], "resourceVersion");
        return Table(scope, new() { ["resourceVersion"] = version }, [value], withColumns);
    }

    private JsonObject Table(Scope scope, JsonObject metadata, IEnumerable<ReadOnlyMemory<byte>> values, bool withColumns = true)
    {
        var columns = scope.Resource.Columns.Count > 0 ? scope.Resource.Columns : plainColumns;
        Check(scope.Request);
        var include = scope.Request.Query(IncludeObject);
        return new()
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = withColumns ? new JsonArray([.. columns.Select(Definition)]) : null,
            ["rows"] = new JsonArray([.. InOrder(scope.Resource, values.Select(value => JsonNode.Parse(value.Span)!.AsObject())).Select(obj => Row(scope, columns, obj, include))]),
        };
    }

    /// <summary>Flow schemas are shown in the order in which they are tried.</summary>
    private static IEnumerable<JsonObject> InOrder(ResourceInfo resource, IEnumerable<JsonObject> rows) => resource is { Group: DefaultFlows.Group, Plural: "flowschemas" }
        ? rows.OrderBy(static row => row.Spec()?.Number("matchingPrecedence")).ThenBy(static row => row.Name(), StringComparer.Ordinal)
        : rows;

    private static JsonNode Definition(ColumnInfo column) => new JsonObject
    {
        ["name"] = column.Name,
        ["type"] = column.Type,
        ["format"] = column.Format,
        ["description"] = "",
        ["priority"] = column.Priority,
    };

    private static JsonNode? Cell(Scope scope, ColumnInfo column, int index, RowView row) =>
        scope.Custom is { } custom ? CustomCells.Of(column, custom.ColumnPaths[index], row) : Cells.Of(scope.Resource, column, row);

    private JsonNode Row(Scope scope, IReadOnlyList<ColumnInfo> columns, JsonObject obj, string include)
    {
        var view = new RowView(obj, clock.GetUtcNow());
        var row = new JsonObject { ["cells"] = new JsonArray([.. columns.Select((column, i) => Cell(scope, column, i, view))]) };
        row["object"] = include switch { "None" => null, "Object" => obj, _ => PartialMetadata.One(obj) };
        return row;
    }
}
