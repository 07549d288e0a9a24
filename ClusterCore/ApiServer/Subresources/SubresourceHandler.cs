using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Subresources;

/// <summary>The subresources that are views of their object: each changes one part of it and leaves the rest as it is.</summary>
internal sealed class SubresourceHandler(
    ResourceHandler objects, ScaleHandler scales, BindingHandler bindings, EvictionHandler evictions, TokenHandler tokens, TimeProvider clock)
{
    public Task HandleAsync(Scope scope)
    {
        var (info, resource) = (scope.Request.Info, scope.Resource);
        if (resource.Subresource(info.Subresource) is not { } subresource) { throw Refusal.PathNotFound(); }
        if (!subresource.Verbs.Contains(info.Verb, StringComparer.Ordinal)) { throw Refusal.MethodNotAllowed(); }
        WriteOptions.Check(scope.Request);
        return info.Subresource switch
        {
            "status" => PartAsync(scope, PrepareStatus),
            "scale" => scales.HandleAsync(scope),
            "binding" => bindings.HandleAsync(scope),
            "eviction" => evictions.HandleAsync(scope),
            "token" => tokens.HandleAsync(scope),
            "finalize" => PartAsync(scope, PrepareFinalize),
            "approval" => PartAsync(scope, (_, current, next) => SigningRequests.ForApproval(current, next, clock.GetUtcNow())),
            "ephemeralcontainers" => PartAsync(scope, PrepareEphemeralContainers),
            "resize" => PartAsync(scope, PodResize.Prepare),
            _ => throw Refusal.PathNotFound(),
        };
    }

    /// <summary>A binding that is no part of its pod's path.</summary>
    public Task BindAsync(Scope scope)
    {
        WriteOptions.Check(scope.Request);
        return bindings.HandleNamedAsync(scope);
    }

    private void PrepareStatus(Resources.ResourceInfo resource, JsonObject current, JsonObject next)
    {
        Preparation.ForStatusUpdate(resource, current, next);
        if (resource is { Group: "", Kind: "PersistentVolume" }) { VolumePhase.Note(current, next, clock.GetUtcNow()); }
        if (SigningRequests.Is(resource)) { SigningRequests.ForStatus(current, next, clock.GetUtcNow()); }
    }

    /// <summary>The one way to change a namespace's own finalizers; labels and the like may change with them.</summary>
    private static void PrepareFinalize(Resources.ResourceInfo resource, JsonObject current, JsonObject next)
    {
        Preparation.KeepServerMetadata(current, next);
        ObjectMeta.Copy(current, next, "status");
    }

    private static void PrepareEphemeralContainers(Resources.ResourceInfo resource, JsonObject current, JsonObject next)
    {
        KeepAllBut(current, next, "spec", "ephemeralContainers");
        Preparation.CountGeneration(resource, current, next);
    }

    private Task PartAsync(Scope scope, Action<Resources.ResourceInfo, JsonObject, JsonObject> prepare) => scope.Request.Info.Verb switch
    {
        "get" => objects.GetAsync(scope),
        "update" => objects.UpdateAsync(scope, (current, next) => prepare(scope.Resource, current, next)),
        _ => objects.PatchAsync(scope, (current, next) => prepare(scope.Resource, current, next)),
    };

    /// <summary>Everything but one member of spec or status comes from the object that is there.</summary>
    private static void KeepAllBut(JsonObject current, JsonObject next, string part, string member)
    {
        var wanted = next[part]?[member]?.DeepClone();
        var fields = next["metadata"]?["managedFields"]?.DeepClone();
        foreach (var name in next.Select(pair => pair.Key).ToArray()) { next.Remove(name); }
        foreach (var (name, value) in current) { next[name] = value?.DeepClone(); }
        ObjectMeta.Of(next)["managedFields"] = fields;
        if (next[part] is not JsonObject) { next[part] = new JsonObject(); }
        next[part]!.AsObject().Remove(member);
        if (wanted is not null) { next[part]![member] = wanted; }
    }
}
