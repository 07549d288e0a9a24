using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Apply;

namespace Flotilla.ClusterCore.Resources;

/// <summary>Who writes, through which endpoint, and when.</summary>
/// <param name="Name">The field manager: the fieldManager parameter, or what stands before the slash of the user agent.</param>
/// <param name="ApiVersion">Of the request.</param>
/// <param name="Subresource">Empty for the object itself, or status, scale, …</param>
/// <param name="IgnoredFields">Top-level fields this endpoint does not write, such as status through the object itself: nobody owns them here.</param>
public sealed record FieldManager(string Name, string ApiVersion, string Subresource, DateTimeOffset Time, IReadOnlyList<string> IgnoredFields);

/// <summary>A field that another manager owns with another value.</summary>
/// <param name="Manager">As messages name it: <c>"kubectl-edit" using apps/v1</c>.</param>
/// <param name="Field">Such as <c>.spec.template.spec.containers[name="web"].image</c>.</param>
public sealed record ApplyConflict(string Manager, string Field)
{
    /// <summary>The message of the cause FieldManagerConflict.</summary>
    public string Message => $"conflict with {Manager}";

    /// <summary>The message of the 409.</summary>
    public static string Describe(IReadOnlyList<ApplyConflict> conflicts) => conflicts is [var only]
        ? $"Apply failed with 1 conflict: conflict with {only.Manager}: {only.Field}"
        : $"Apply failed with {conflicts.Count} conflicts: " + string.Join('\n', conflicts
            .GroupBy(static conflict => conflict.Manager, StringComparer.Ordinal).OrderBy(static group => group.Key, StringComparer.Ordinal)
            .SelectMany(static group => group.Select(static conflict => $"- {conflict.Field}").Prepend($"conflicts with {group.Key}:")));
}

/// <param name="Object">The merged object with its managedFields; null when there are conflicts or an error.</param>
/// <param name="Error">The configuration does not fit the schema.</param>
public sealed record ApplyResult(JsonObject? Object, IReadOnlyList<ApplyConflict> Conflicts, string? Error);

/// <summary>
/// Ownership of fields: what apply merges, prunes and refuses, and what any other write takes over. The object passed in is never
/// changed, but for <see cref="TrackUpdate"/>, which sets its managedFields.
/// </summary>
public static class ServerSideApply
{
    /// <param name="live">The stored object; null when apply creates it.</param>
    /// <param name="configuration">What the client sent, decoded without a schema and without defaults: only fields in it are owned.</param>
    public static ApplyResult Apply(JsonObject? live, JsonObject configuration, ISchema schema, FieldManager manager, bool force) =>
        Applier.Apply(live, configuration, schema, manager, force);

    /// <summary>After a create, update or non-apply patch: the writer owns what it changed, and nobody owns what is gone.</summary>
    /// <param name="live">The stored object; null for a create.</param>
    /// <param name="updated">The object about to be stored, complete with defaults.</param>
    public static void TrackUpdate(JsonObject? live, JsonObject updated, ISchema schema, FieldManager manager) =>
        UpdateTracker.Track(live, updated, schema, manager);
}
