using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>What a pod's runtime class costs and where it runs, written into the pod.</summary>
internal sealed class RuntimeClassAdmission(WatchFeed feed, ObjectStore objects) : IAdmissionPlugin
{
    private static readonly GroupResource classes = new("node.k8s.io", "runtimeclasses");

    public async ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Create || !request.Is("", "Pod") || request.Object!.Spec() is not { } spec) { return; }
        if (await FindAsync(request, spec) is not { } runtime) { return; }
        SetOverhead(request, spec, runtime.Object("overhead")?.Object("podFixed"));
        if (runtime.Object("scheduling") is { } scheduling) { SetScheduling(request, spec, scheduling); }
    }

    public async ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Create || !request.Is("", "Pod") || request.Object!.Spec() is not { } spec) { return; }
        var defined = (await FindAsync(request, spec))?.Object("overhead")?.Object("podFixed");
        if (defined is null && spec.Object("overhead") is { Count: > 0 })
        {
            throw Refuse(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }
    }

    private async ValueTask<JsonObject?> FindAsync(AdmissionRequest request, JsonObject spec)
    {
        if (spec.Text("runtimeClassName") is not { Length: > 0 } name) { return null; }
        return feed.Of(classes).Find("", name)?.Parse()
            ?? (await objects.GetAsync(new(classes, "", name), request.Scope.Aborted))?.Parse()
            ?? throw Refuse(request, $"pod rejected: RuntimeClass \"{name}\" not found");
    }

    private static void SetOverhead(AdmissionRequest request, JsonObject spec, JsonObject? overhead)
    {
        if (overhead is null) { return; }
        if (spec["overhead"] is { } own && !JsonNode.DeepEquals(own, overhead))
        {
            throw Refuse(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
        }

        spec["overhead"] = overhead.DeepClone();
    }

    private static void SetScheduling(AdmissionRequest request, JsonObject spec, JsonObject scheduling)
    {
        foreach (var (key, value) in scheduling.Object("nodeSelector") ?? [])
        {
            var selector = spec.Ensure("nodeSelector");
            if (selector[key] is { } own && own.ToString() != value?.ToString())
            {
                throw Refuse(request, $"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {own}");
            }

            selector[key] = value?.DeepClone();
        }

        foreach (var toleration in scheduling.Items("tolerations"))
        {
            if (spec["tolerations"] is not JsonArray tolerations) { spec["tolerations"] = tolerations = []; }
            if (!tolerations.Any(own => JsonNode.DeepEquals(own, toleration))) { tolerations.Add(toleration.DeepClone()); }
        }
    }

    private static StatusException Refuse(AdmissionRequest request, string message) => Refusal.Forbidden(request.Scope.GroupResource, request.Name, message);
}
