using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tables;

internal static class WorkloadCells
{
    public static string Condition(RowView row, string type) =>
        row.List("status.conditions").FirstOrDefault(one => one["type"]?.ToString() == type)?["status"]?.ToString() ?? "";

    public static JsonNode? Controller(RowView row)
    {
        var owner = row.List("metadata.ownerReferences").FirstOrDefault(one => one["controller"]?.GetValue<bool>() == true);
        if (owner is null) { return RowView.None; }
        var group = (owner["apiVersion"]?.ToString() ?? "").Split('/') is [var named, _] ? "." + named : "";
        return $"{owner["kind"]?.ToString().ToLowerInvariant()}{group}/{owner["name"]}";
    }

    public static JsonNode? JobStatus(RowView row) => row switch
    {
        _ when Condition(row, "Complete") == "True" => "Complete",
        _ when Condition(row, "Failed") == "True" => "Failed",
        _ when row.At("metadata.deletionTimestamp") is not null => "Terminating",
        _ when Condition(row, "Suspended") == "True" => "Suspended",
        _ when Condition(row, "FailureTarget") == "True" => "FailureTarget",
        _ when Condition(row, "SuccessCriteriaMet") == "True" => "SuccessCriteriaMet",
        _ => "Running",
    };

    public static JsonNode? JobCompletions(RowView row)
    {
        var succeeded = row.Number("status.succeeded");
        if (row.At("spec.completions") is not null) { return $"{succeeded}/{row.Number("spec.completions")}"; }
        var parallelism = row.Number("spec.parallelism");
        return parallelism > 1 ? $"{succeeded}/1 of {parallelism}" : $"{succeeded}/1";
    }

    public static JsonNode? JobDuration(RowView row)
    {
        if (!DateTimeOffset.TryParse(row.Text("status.startTime"), out var start)) { return ""; }
        return Age.Of((DateTimeOffset.TryParse(row.Text("status.completionTime"), out var end) ? end : row.Now) - start);
    }

    public static JsonNode? Quota(RowView row, bool isLimit)
    {
        var (hard, used) = (row.At("status.hard") as JsonObject ?? [], row.At("status.used") as JsonObject);
        return string.Join(", ", hard.Where(pair => pair.Key.StartsWith("limits.", StringComparison.Ordinal) == isLimit)
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key}: {used?[pair.Key]?.ToString() ?? "0"}/{pair.Value}"));
    }

    public static JsonNode? AutoscalerTargets(RowView row)
    {
        var metrics = row.List("spec.metrics").Select((metric, i) => Target(metric, row.List("status.currentMetrics").ElementAtOrDefault(i))).ToArray();
        return metrics.Length == 0 ? RowView.None : string.Join(", ", metrics);
    }

    private static string Target(JsonObject metric, JsonObject? current)
    {
        if (metric["resource"] is not { } resource) { return $"{metric["type"]}: <unknown>"; }
        var wanted = resource["target"]?["averageUtilization"];
        var now = current?["resource"]?["current"]?["averageUtilization"];
        return wanted is null
            ? $"{resource["name"]}: {current?["resource"]?["current"]?["averageValue"]?.ToString() ?? Age.Unknown}/{resource["target"]?["averageValue"]}"
            : $"{resource["name"]}: {(now is null ? Age.Unknown : $"{now}%")}/{wanted}%";
    }
}
