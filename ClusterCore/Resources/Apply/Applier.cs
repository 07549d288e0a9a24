using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Apply;

/// <summary>
/// 1. Merge the configuration over the live object. 2. Remove what the manager applied before, no longer names, and nobody else owns.
/// 3. Refuse, unless forced, what others own with another value. 4. Write the managers.
/// </summary>
internal static class Applier
{
    public static ApplyResult Apply(JsonObject? live, JsonObject configuration, ISchema schema, FieldManager manager, bool force)
    {
        if (configuration.Metadata()?.List("managedFields") is { Count: > 0 })
        {
            return new(null, [], "metadata.managedFields must be nil");
        }

        if (OwnedFields.OfConfiguration(configuration, schema, out var error) is not { } owned)
        {
            var version = configuration.Text("apiVersion") ?? "";
            var gvk = $"{(version.Contains('/') ? version : "/" + version)}, Kind={configuration.Text("kind")}";
            return new(null, [], $"failed to create typed patch object ({configuration.Namespace()}/{configuration.Name()}; {gvk}): {error}");
        }

        ManagedFields.Strip(owned, manager);
        var before = live ?? UpdateTracker.Empty(schema);
        var managers = live is null ? [] : TrackedManagers(live, schema, manager);
        var self = new ManagerEntry(manager.Name, "Apply", manager.ApiVersion, manager.Subresource, ApiTime.Format(manager.Time), owned);
        var last = managers.Find(entry => entry.Key == self.Key);
        managers.RemoveAll(entry => entry.Key == self.Key);

        var merged = TreeMerge.Merge((JsonObject)before.DeepClone(), configuration, schema);
        var result = last is null ? merged : Prune(merged, last.Fields, [.. managers, self], schema);
        var changes = TreeComparison.Compare(before, result, schema);
        ManagedFields.Strip(changes.Written, manager);
        var conflicts = force ? [] : Conflicts(managers, changes, live, schema, manager);
        if (conflicts.Count > 0)
        {
            return new(null, conflicts, null);
        }

        managers = managers.ConvertAll(entry => UpdateTracker.Yield(entry, changes));
        var isSame = last is not null && last.Fields.SetEquals(owned) && last.ApiVersion == self.ApiVersion && changes.Written.IsEmpty && changes.Removed.IsEmpty;
        managers.Add(isSame ? last! : self);
        ManagedFields.Write(result, managers);
        LastApplied.Update(result, configuration, manager);
        return new(result, [], null);
    }

    /// <summary>An object nobody tracked until now: all of it belongs to whoever wrote it before.</summary>
    private static List<ManagerEntry> TrackedManagers(JsonObject live, ISchema schema, FieldManager manager)
    {
        var managers = ManagedFields.Read(live);
        return managers.Count > 0
            ? managers
            : UpdateTracker.TakeOver(UpdateTracker.Empty(schema), live, schema, [], manager with { Name = "before-first-apply", Subresource = "" });
    }

    private static JsonObject Prune(JsonObject merged, FieldTree last, IEnumerable<ManagerEntry> managers, ISchema schema)
    {
        var applied = last.WithNamedFields(schema);
        var pruned = TreeRemoval.Without(merged, applied, schema);
        var all = Fields(merged, schema);
        var owned = managers.Aggregate(new FieldTree(), static (tree, entry) => FieldTree.Union(tree, entry.Fields)).WithNamedFields(schema);

        // Back comes what anyone owns, and what was only removed because something around it was.
        pruned = TreeRemoval.Without(merged, FieldTree.Difference(all, FieldTree.Union(Fields(pruned, schema), owned)), schema);
        return TreeRemoval.Without(merged, FieldTree.Intersection(FieldTree.Difference(all, Fields(pruned, schema)), applied), schema);
    }

    private static FieldTree Fields(JsonObject obj, ISchema schema) => OwnedFields.Of(obj, schema).WithNamedFields(schema);

    private static List<ApplyConflict> Conflicts(
        List<ManagerEntry> managers, TreeComparison changes, JsonObject? live, ISchema schema, FieldManager manager)
    {
        var allowed = LastApplied.Fields(live, schema, manager);
        return
        [
            .. from entry in managers
               let disputed = FieldTree.Difference(FieldTree.Intersection(entry.Fields, changes.Written), allowed)
               from path in disputed.Paths()
               select new ApplyConflict(entry.Describe(), path),
        ];
    }
}
