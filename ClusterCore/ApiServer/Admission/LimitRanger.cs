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
        foreach (var limit in Limits(request.Namespace, "Container"))
        {
            foreach (var container in PodUsage.Containers(request.Object!, "containers").Concat(PodUsage.Containers(request.Object!, "initContainers")))
            {
                Fill(container, "limits", limit["default"]);
                Fill(container, "requests", limit["defaultRequest"]);
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Create || request.Subresource.Length > 0) { return ValueTask.CompletedTask; }
        var wrong = new List<string>();
        if (request.Is("", "Pod")) { CheckPod(request, wrong); }
        if (request.Is("", "PersistentVolumeClaim"))
        {
            var asked = PodUsage.Read(request.Object!["spec"]?["resources"]?["requests"]).ToDictionary(StringComparer.Ordinal);
            foreach (var limit in Limits(request.Namespace, "PersistentVolumeClaim")) { Check(limit, "PersistentVolumeClaim", asked, asked, wrong); }
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
    }

    private static void Fill(JsonObject container, string kind, JsonNode? defaults)
    {
        foreach (var (name, amount) in defaults as JsonObject ?? [])
        {
            if (container["resources"] is not JsonObject resources) { container["resources"] = resources = []; }
            if (resources[kind] is not JsonObject amounts) { resources[kind] = amounts = []; }
            if (!amounts.ContainsKey(name)) { amounts[name] = amount?.DeepClone(); }
        }
    }

    private IEnumerable<JsonObject> Limits(string @namespace, string type) =>
        feed.Of(ranges).List(@namespace).Entries.SelectMany(entry => entry.Parse()["spec"]?["limits"] as JsonArray ?? [])
            .OfType<JsonObject>().Where(limit => ObjectMeta.Text(limit, "type") == type);
}
