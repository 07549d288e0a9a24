using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Tables;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tests.Tables;

public sealed class TableCellsTests
{
    private static readonly DateTimeOffset now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Cases() => [.. GoldenCase.Names("Cases")];

    /// <summary>A case is an object and what each column shows of it, all columns in their order.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void Every_column_shows_what_upstream_shows(string name)
    {
        Assert.Multiple([.. GoldenCase.Read("Cases", name).Select(static one => (Action)(() => Check(one.Key, one.Value!.AsObject())))]);
    }

    [Fact]
    public void Every_kind_with_columns_of_its_own_has_a_case()
    {
        var covered = Cases().Select(static row => row.Data).SelectMany(static name => GoldenCase.Read("Cases", name)).Select(static one => Resource(one.Value!.AsObject())).Select(KindRules.Id).ToHashSet(StringComparer.Ordinal);
        // An empty list, whoever asks.
        var missing = ApiCatalog.Default.Resources.Where(static resource => resource.Columns.Any(static column => column.Name is not ("Name" or "Age" or "Created At"))).Select(KindRules.Id)
            .Where(id => id != "/ComponentStatus" && !covered.Contains(id)).Distinct(StringComparer.Ordinal);
        Assert.Empty(missing);
    }

    private static ResourceInfo Resource(JsonObject golden) =>
        ApiCatalog.Default.ResourceOfKind(golden.Object("object")!.Text("apiVersion")!, golden.Object("object")!.Text("kind")!)!;

    private static void Check(string description, JsonObject golden)
    {
        var resource = Resource(golden);
        // Tables are made of what is stored.
        var row = new RowView(JsonNode.Parse(JsonCodec.Encode(GoldenCase.Decode(golden.Object("object")!).Object))!.AsObject(), now);
        var shown = resource.Columns.Select(column => $"{column.Name}: {Cells.Of(resource, column, row)?.ToString() ?? "null"}");
        Assert.Equal(golden.Object("cells")!.Select(static cell => $"{cell.Key}: {cell.Value}").Prepend(description), shown.Prepend(description));
    }
}
