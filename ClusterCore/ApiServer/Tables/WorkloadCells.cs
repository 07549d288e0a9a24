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

    /// <summary>What a claim for devices has come to.</summary>
    public static JsonNode? ClaimState(RowView row)
    {
        var (isDeleted, isAllocated) = (row.At("metadata.deletionTimestamp") is not null, row.At("status.allocation") is not null);
        string[] states = [.. isDeleted ? ["deleted"] : (string[])[], .. isAllocated ? ["allocated"] : isDeleted ? (string[])[] : ["pending"], .. isAllocated && row.Count("status.reservedFor") > 0 ? ["reserved"] : (string[])[]];
        return string.Join(',', states);
    }

    /// <summary>Two figures at most, each with what it should be. The first version of autoscalers knows one, the share of CPU.</summary>
    public static JsonNode? AutoscalerTargets(RowView row)
    {
        if (row.At("spec.targetCPUUtilizationPercentage") is { } share)
        {
            return $"cpu: {(row.At("status.currentCPUUtilizationPercentage") is { } now ? $"{now}%" : Age.Unknown)}/{share}%";
        }

        var metrics = row.List("spec.metrics").Select((metric, i) => Target(metric, row.List("status.currentMetrics").ElementAtOrDefault(i))).ToArray();
        var shown = string.Join(", ", metrics.Take(2));
        return metrics.Length switch { 0 => RowView.None, > 2 => $"{shown} + {metrics.Length - 2} more...", _ => shown };
    }

    private static string Target(JsonObject metric, JsonObject? current)
    {
        var field = metric["type"]?.ToString() is { Length: > 0 } type ? char.ToLowerInvariant(type[0]) + type[1..] : "";
        if (metric[field] is not JsonObject source || source["target"] is not JsonObject target) { return "<unknown type>"; }
        var now = current?[field]?["current"];
        var isOfResource = field is "resource" or "containerResource";
        var (value, wanted) = target["averageValue"] is { } average ? (now?["averageValue"], average.ToString())
            : isOfResource ? (now?["averageUtilization"], target["averageUtilization"] is { } share ? $"{share}%" : "<auto>")
            : (now?["value"], target["value"]?.ToString() ?? "");
        var unit = isOfResource && target["averageValue"] is null && value is not null ? "%" : "";
        var figure = $"{value?.ToString() ?? Age.Unknown}{unit}/{wanted}";
        return isOfResource ? $"{source["name"]}: {figure}" : field is "external" or "object" && target["averageValue"] is not null ? $"{figure} (avg)" : figure;
    }
}
