using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tables;

/// <summary>A pod's line: how many containers are ready, and the one word that says best how it is.</summary>
internal static class PodCells
{
    public static JsonNode? Ready(RowView row)
    {
        var ready = Statuses(row, "containerStatuses").Count(status => status["ready"]?.GetValue<bool>() == true);
        var sidecars = Sidecars(row);
        ready += Statuses(row, "initContainerStatuses").Count(status => sidecars.Contains(Name(status)) && status["ready"]?.GetValue<bool>() == true);
        return $"{ready}/{row.Count("spec.containers") + sidecars.Count}";
    }

    public static JsonNode? Restarts(RowView row)
    {
        var sidecars = Sidecars(row);
        var isInitializing = Initializing(row) is not null;
        var counted = isInitializing
            ? Statuses(row, "initContainerStatuses")
            : Statuses(row, "containerStatuses").Concat(Statuses(row, "initContainerStatuses").Where(status => sidecars.Contains(Name(status))));
        var statuses = counted.ToArray();
        var total = statuses.Sum(status => status["restartCount"]?.GetValue<long>() ?? 0);
        var last = statuses.Select(status => status["lastState"]?["terminated"]?["finishedAt"]?.ToString()).Where(time => time is not null).Max(StringComparer.Ordinal);
        return total > 0 && last is not null ? $"{total} ({Age.Since(last, row.Now)} ago)" : total.ToString();
    }

    public static JsonNode? Status(RowView row)
    {
        var reason = row.TextOr("status.reason", row.Text("status.phase"));
        if (IsGated(row)) { reason = "SchedulingGated"; }
        var waiting = Initializing(row);
        if (waiting is not null) { reason = waiting; }
        else { reason = Running(row, reason); }
        if (row.At("metadata.deletionTimestamp") is null) { return reason; }
        return row.Text("status.reason") == "NodeLost" ? "Unknown" : row.Text("status.phase") is "Succeeded" or "Failed" ? reason : "Terminating";
    }

    public static JsonNode? ReadinessGates(RowView row)
    {
        var gates = row.List("spec.readinessGates").Select(gate => gate["conditionType"]?.ToString()).ToArray();
        var met = gates.Count(gate => row.List("status.conditions").Any(one => one["type"]?.ToString() == gate && one["status"]?.ToString() == "True"));
        return gates.Length == 0 ? RowView.None : $"{met}/{gates.Length}";
    }

    /// <summary>The first init container that is not done yet, as <c>Init:…</c>; null when all are.</summary>
    private static string? Initializing(RowView row)
    {
        var (statuses, sidecars) = (Statuses(row, "initContainerStatuses").ToArray(), Sidecars(row));
        for (var i = 0; i < statuses.Length; i++)
        {
            var (terminated, waiting) = (statuses[i]["state"]?["terminated"], statuses[i]["state"]?["waiting"]?["reason"]?.ToString());
            if (terminated?["exitCode"]?.GetValue<int>() == 0) { continue; }
            if (sidecars.Contains(Name(statuses[i])) && statuses[i]["started"]?.GetValue<bool>() == true) { continue; }
            if (terminated is not null) { return "Init:" + Ended(terminated); }
            return waiting is { Length: > 0 } and not "PodInitializing" ? $"Init:{waiting}" : $"Init:{i}/{row.Count("spec.initContainers")}";
        }

        return null;
    }

    private static string Running(RowView row, string reason)
    {
        var hasRunning = false;
        foreach (var status in Statuses(row, "containerStatuses").Reverse())
        {
            var (waiting, terminated) = (status["state"]?["waiting"]?["reason"]?.ToString(), status["state"]?["terminated"]);
            if (waiting is { Length: > 0 }) { reason = waiting; }
            else if (terminated is not null) { reason = Ended(terminated); }
            else if (status["ready"]?.GetValue<bool>() == true && status["state"]?["running"] is not null) { hasRunning = true; }
        }

        if (reason != "Completed" || !hasRunning) { return reason; }
        var isReady = row.List("status.conditions").Any(one => one["type"]?.ToString() == "Ready" && one["status"]?.ToString() == "True");
        return isReady ? "Running" : "NotReady";
    }

    private static string Ended(JsonNode terminated)
    {
        if (terminated["reason"]?.ToString() is { Length: > 0 } reason) { return reason; }
        var signal = terminated["signal"]?.GetValue<int>() ?? 0;
        return signal != 0 ? $"Signal:{signal}" : $"ExitCode:{terminated["exitCode"]}";
    }

    private static bool IsGated(RowView row) => row.List("status.conditions")
        .Any(one => one["type"]?.ToString() == "PodScheduled" && one["reason"]?.ToString() == "SchedulingGated");

    private static HashSet<string> Sidecars(RowView row) =>
        [.. row.List("spec.initContainers").Where(one => one["restartPolicy"]?.ToString() == "Always").Select(Name)];

    private static IEnumerable<JsonObject> Statuses(RowView row, string member) => row.List("status." + member);

    private static string Name(JsonObject named) => named["name"]?.ToString() ?? "";
}
