using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>Turns a pod's priority class into its number.</summary>
internal sealed class PriorityAdmission(WatchFeed feed) : IAdmissionPlugin
{
    private static readonly GroupResource classes = new("scheduling.k8s.io", "priorityclasses");

    public ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Operation == Operation.Create && request.Is("", "Pod") && request.Object!["spec"] is JsonObject spec) { Resolve(request, spec); }
        return ValueTask.CompletedTask;
    }

    /// <summary>Two defaults would be none.</summary>
    public ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (request.Operation is Operation.Create or Operation.Update && request.Is("scheduling.k8s.io", "PriorityClass")
            && request.Object!.Flag("globalDefault") == true
            && feed.Of(classes).List("").Entries.FirstOrDefault(one => one.Name != request.Name && one.Index.Field("globalDefault") == "true") is { } other)
        {
            throw Refusal.Forbidden(classes, request.Name, $"PriorityClass {other.Name} is already marked as default. Only one default can exist");
        }

        return ValueTask.CompletedTask;
    }

    private void Resolve(AdmissionRequest request, JsonObject spec)
    {
        var name = ObjectMeta.Text(spec, "priorityClassName");
        var found = name.Length > 0 ? Named(request, name) : GlobalDefault();
        if (found is not null && name.Length == 0) { spec["priorityClassName"] = ObjectMeta.Name(found); }
        var value = ObjectMeta.Number(found, "value") ?? 0;
        if (ObjectMeta.Number(spec, "priority") is { } own && own != value)
        {
            throw Refusal.Forbidden(request.Scope.GroupResource, ObjectMeta.Name(request.Object!),
                $"the integer value of priority ({own}) must not be provided in pod spec; priority admission controller computed {value} from the given PriorityClass name");
        }

        var policy = ObjectMeta.Text(found, "preemptionPolicy") is { Length: > 0 } said ? said : "PreemptLowerPriority";
        if (ObjectMeta.Text(spec, "preemptionPolicy") is { Length: > 0 } other && other != policy)
        {
            throw Refusal.Forbidden(request.Scope.GroupResource, ObjectMeta.Name(request.Object!),
                $"the string value of PreemptionPolicy ({other}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name");
        }

        (spec["priority"], spec["preemptionPolicy"]) = (value, policy);
    }

    private JsonObject Named(AdmissionRequest request, string name) =>
        feed.Of(classes).Find("", name)?.Parse()
        ?? throw Refusal.Forbidden(request.Scope.GroupResource, ObjectMeta.Name(request.Object!), $"no PriorityClass with name {name} was found");

    private JsonObject? GlobalDefault() => feed.Of(classes).List("").Entries
        .Where(entry => entry.Index.Field("globalDefault") == "true")
        .Select(entry => entry.Parse()).MinBy(one => ObjectMeta.Number(one, "value"));
}
