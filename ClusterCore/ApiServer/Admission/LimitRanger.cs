using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>Fills in and enforces a namespace's LimitRanges: defaults for containers, least and most for containers, pods and claims.</summary>
internal sealed class LimitRanger(WatchFeed feed) : IAdmissionPlugin
{
    private static readonly GroupResource ranges = new("", "limitranges");

    public ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Create || !request.Is("", "Pod")) { return ValueTask.CompletedTask; }
        var limits = Limits(request.Namespace, "Container").ToArray();
        string[] filled = [.. Filled(request.Object!, limits, "containers", "container"), .. Filled(request.Object!, limits, "initContainers", "init container")];
        if (filled.Length > 0) { ObjectMeta.Of(request.Object!).Ensure("annotations")["kubernetes.io/limit-ranger"] = $"LimitRanger plugin set: {string.Join("; ", filled)}"; }
        return ValueTask.CompletedTask;
    }

    /// <summary>Gives the containers what they lack, and says what: <c>cpu, memory request for container web</c>.</summary>
    private static IEnumerable<string> Filled(JsonObject pod, JsonObject[] limits, string list, string what)
    {
        foreach (var container in PodUsage.Containers(pod, list))
        {
            foreach (var (kind, word, defaults) in ((string, string, string)[])[("requests", "request", "defaultRequest"), ("limits", "limit", "default")])
            {
                string[] names = [.. limits.SelectMany(limit => Fill(container, kind, limit[defaults])).Order(StringComparer.Ordinal)];
                if (names.Length > 0) { yield return $"{string.Join(", ", names)} {word} for {what} {ObjectMeta.Text(container, "name")}"; }
            }
        }
    }

    public ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Create || request.Subresource.Length > 0) { return ValueTask.CompletedTask; }
        var wrong = new List<string>();
        if (request.Is("", "Pod")) { CheckPod(request, wrong); }
        if (request.Is("", "PersistentVolumeClaim"))
        {
            var asked = PodUsage.Read(request.Object!["spec"]?["resources"]?["requests"]).ToDictionary(StringComparer.Ordinal);
            foreach (var limit in Limits(request.Namespace, "PersistentVolumeClaim")) { CheckClaim(limit, asked, wrong); }
        }

        if (wrong.Count == 0) { return ValueTask.CompletedTask; }
        var message = wrong.Count == 1 ? wrong[0] : $"[{string.Join(", ", wrong)}]";
        throw Refusal.Forbidden(request.Scope.GroupResource, ObjectMeta.Name(request.Object!), message);
    }

    private void CheckPod(AdmissionRequest request, List<string> wrong)
    {
        foreach (var limit in Limits(request.Namespace, "Container"))
        {
            foreach (var container in PodUsage.Containers(request.Object!, "containers"))
            {
                Check(
                    limit, "Container", PodUsage.Amounts(container, "requests").ToDictionary(StringComparer.Ordinal),
                    PodUsage.Amounts(container, "limits").ToDictionary(StringComparer.Ordinal), wrong);
            }
        }

        foreach (var limit in Limits(request.Namespace, "Pod"))
        {
            Check(limit, "Pod", PodUsage.Sum(request.Object!, "requests"), PodUsage.Sum(request.Object!, "limits"), wrong);
        }
    }

    private static void Check(JsonObject limit, string type, Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits, List<string> wrong)
    {
        foreach (var (name, least) in PodUsage.Read(limit["min"]))
        {
            if (!requests.TryGetValue(name, out var asked)) { wrong.Add($"minimum {name} usage per {type} is {least}.  No request is specified"); }
            else if (asked < least) { wrong.Add($"minimum {name} usage per {type} is {least}, but request is {asked}"); }
        }

        foreach (var (name, most) in PodUsage.Read(limit["max"]))
        {
            if (!limits.TryGetValue(name, out var allowed)) { wrong.Add($"maximum {name} usage per {type} is {most}.  No limit is specified"); }
            else if (allowed > most) { wrong.Add($"maximum {name} usage per {type} is {most}, but limit is {allowed}"); }
        }

        foreach (var (name, most) in PodUsage.Read(limit["maxLimitRequestRatio"]))
        {
            if (Excess(requests.GetValueOrDefault(name), limits.GetValueOrDefault(name), most) is { } excess)
            {
                wrong.Add($"{name} max limit to request ratio per {type} is {most}, but {excess}");
            }
        }
    }

    private static string? Excess(Quantity request, Quantity limit, Quantity most)
    {
        if (request.MilliValue == 0) { return "no request is specified or request is 0"; }
        if (limit.MilliValue == 0) { return "no limit is specified or limit is 0"; }
        var ratio = (double)limit.MilliValue / request.MilliValue;
        return ratio * 1000 > most.MilliValue ? $"provided ratio is {ratio:F6}" : null;
    }

    /// <summary>A claim has no limit: its request is what may be too much.</summary>
    private static void CheckClaim(JsonObject limit, Dictionary<string, Quantity> asked, List<string> wrong)
    {
        Check(new() { ["min"] = limit["min"]?.DeepClone() }, "PersistentVolumeClaim", asked, [], wrong);
        foreach (var (name, most) in PodUsage.Read(limit["max"]))
        {
            if (!asked.TryGetValue(name, out var wanted)) { wrong.Add($"maximum {name} usage per PersistentVolumeClaim is {most}.  No request is specified"); }
            else if (wanted > most) { wrong.Add($"maximum {name} usage per PersistentVolumeClaim is {most}, but request is {wanted}"); }
        }
    }

    private static IEnumerable<string> Fill(JsonObject container, string kind, JsonNode? defaults)
    {
        foreach (var (name, amount) in defaults as JsonObject ?? [])
        {
            var amounts = container.Ensure("resources").Ensure(kind);
            if (amounts.ContainsKey(name)) { continue; }
            amounts[name] = amount?.DeepClone();
            yield return name;
        }
    }

    private IEnumerable<JsonObject> Limits(string @namespace, string type) =>
        feed.Of(ranges).List(@namespace).Entries.SelectMany(entry => entry.Parse()["spec"]?["limits"] as JsonArray ?? [])
            .OfType<JsonObject>().Where(limit => ObjectMeta.Text(limit, "type") == type);
}
