using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Keeps <c>metadata.managedFields</c>: who set which field.</summary>
internal sealed class FieldOwnership(TimeProvider clock)
{
    private static readonly string[] status = ["status"];
    private static readonly string[] allButStatus = ["spec"];

    /// <summary>A signing request says once what it wants, and nobody else ever may.</summary>
    private static readonly string[] specAndStatus = ["spec", "status"];

    /// <summary>After any write but apply: the writer owns what it changed.</summary>
    /// <param name="current">Null for a create.</param>
    public void Track(Scope scope, JsonObject? current, JsonObject next) =>
        ServerSideApply.TrackUpdate(current, next, scope.Resource.Schema, ManagerOf(scope));

    /// <summary>The live object with the configuration merged in; 409 with the conflicts when others own what it changes.</summary>
    public JsonObject Apply(Scope scope, JsonObject? live, JsonObject configuration)
    {
        var result = ServerSideApply.Apply(live, configuration, scope.Resource.Schema, ManagerOf(scope), scope.Request.Flag("force"));
        if (result.Error is { } error) { throw Refusal.BadRequest(error); }
        if (result.Conflicts.Count == 0) { return result.Object!; }
        throw Refusal.ApplyConflict(
            ApplyConflict.Describe(result.Conflicts),
            [.. result.Conflicts.Select(conflict => new StatusCause("FieldManagerConflict", conflict.Message, conflict.Field))]);
    }

    private FieldManager ManagerOf(Scope scope)
    {
        var subresource = scope.Request.Info.Subresource;
        string[] ignored = subresource switch
        {
            "" when SigningRequests.Is(scope.Resource) => specAndStatus,
            "" when KindRules.HasStatus(scope.Resource) => status,
            "status" => allButStatus,
            _ => [],
        };
        return new(scope.Request.FieldManager, scope.Resource.ApiVersion, subresource, clock.GetUtcNow(), ignored);
    }

    /// <summary>Whether a write changes nothing. A new timestamp in managedFields alone is no change.</summary>
    public static bool IsSame(JsonObject current, JsonObject next)
    {
        foreach (var name in current.Select(member => member.Key).Concat(next.Select(member => member.Key)).Distinct(StringComparer.Ordinal))
        {
            var same = name == "metadata"
                ? IsSameMetadata(current["metadata"]?.AsObject(), next["metadata"]?.AsObject())
                : JsonNode.DeepEquals(current[name], next[name]);
            if (!same) { return false; }
        }

        return true;
    }

    private static bool IsSameMetadata(JsonObject? current, JsonObject? next)
    {
        if (current is null || next is null) { return current is null && next is null; }
        foreach (var name in current.Select(member => member.Key).Concat(next.Select(member => member.Key)).Distinct(StringComparer.Ordinal))
        {
            if (name == "resourceVersion") { continue; }
            var same = name == "managedFields"
                ? JsonNode.DeepEquals(WithoutTimes(current[name]), WithoutTimes(next[name]))
                : JsonNode.DeepEquals(current[name], next[name]);
            if (!same) { return false; }
        }

        return true;
    }

    private static JsonNode? WithoutTimes(JsonNode? managedFields)
    {
        var copy = managedFields?.DeepClone();
        foreach (var entry in copy as JsonArray ?? []) { (entry as JsonObject)?.Remove("time"); }
        return copy;
    }
}
