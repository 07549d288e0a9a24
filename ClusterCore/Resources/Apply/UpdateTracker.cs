using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Apply;

internal static class UpdateTracker
{
    public static void Track(JsonObject? live, JsonObject updated, ISchema schema, FieldManager manager)
    {
        if (ManagedFields.IsReset(updated) && live is not null)
        {
            updated.Metadata()?.Remove("managedFields");
            return;
        }

        var sent = manager.Subresource.Length == 0 ? ManagedFields.Read(updated) : [];
        var managers = sent.Count > 0 ? sent : ManagedFields.Read(live);

        // An object that was never tracked stays so until someone applies to it.
        if (managers.Count > 0 || live is null)
        {
            managers = TakeOver(live ?? Empty(schema), updated, schema, managers, manager);
        }

        ManagedFields.Write(updated, managers);
    }

    /// <summary>The entries after a write by one updater.</summary>
    public static List<ManagerEntry> TakeOver(JsonObject live, JsonObject updated, ISchema schema, List<ManagerEntry> managers, FieldManager manager)
    {
        var changes = TreeComparison.Compare(live, updated, schema);
        ManagedFields.Strip(changes.Written, manager);
        var self = new ManagerEntry(manager.Name, "Update", manager.ApiVersion, manager.Subresource, ApiTime.Format(manager.Time), new FieldTree());
        var before = managers.Find(entry => entry.Key == self.Key);
        var owned = FieldTree.Union(FieldTree.Difference(before?.Fields ?? new FieldTree(), changes.Removed), changes.Written);
        var result = managers.Where(entry => entry.Key != self.Key).Select(entry => Yield(entry, changes)).ToList();
        result.Add(before is not null && before.Fields.SetEquals(owned) ? before : self with { Fields = owned });
        return result;
    }

    /// <summary>What others lose when a write changes or removes fields.</summary>
    public static ManagerEntry Yield(ManagerEntry entry, TreeComparison changes) =>
        entry with { Fields = FieldTree.Difference(FieldTree.Difference(entry.Fields, changes.Written), changes.Removed) };

    /// <summary>What upstream compares a new object with: one of its type in which nothing is set. Shared, so never to be changed.</summary>
    public static JsonObject Empty(ISchema schema) => (schema as TypeSchema)?.EmptyObject ?? [];
}
