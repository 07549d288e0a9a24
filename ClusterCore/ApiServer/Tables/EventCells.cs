using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tables;

internal static class EventCells
{
    public static JsonNode? LastSeen(RowView row)
    {
        var times = new[] { row.Text("series.lastObservedTime"), row.Text("lastTimestamp"), row.Text("deprecatedLastTimestamp"), row.Text("eventTime") };
        return Age.Since(Array.Find(times, time => time.Length > 0) ?? row.Text("metadata.creationTimestamp"), row.Now);
    }

    public static JsonNode? FirstSeen(RowView row)
    {
        var times = new[] { row.Text("firstTimestamp"), row.Text("deprecatedFirstTimestamp"), row.Text("eventTime") };
        return Age.Since(Array.Find(times, time => time.Length > 0) ?? row.Text("metadata.creationTimestamp"), row.Now);
    }

    public static JsonNode? Object(RowView row, string member) => $"{row.Text(member + ".kind").ToLowerInvariant()}/{row.Text(member + ".name")}";

    public static JsonNode? Source(RowView row, string source, string controller)
    {
        var component = row.TextOr(source + ".component", row.Text(controller));
        var host = row.TextOr(source + ".host", row.Text("reportingInstance"));
        return host.Length == 0 ? component : $"{component}, {host}";
    }

    public static JsonNode? Count(RowView row, string member) => row.At("series.count") is not null ? row.Number("series.count") : Math.Max(1, row.Number(member));
}
