using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Schema;

/// <summary>PostgreSQL folds unquoted names to lower case: <c>ClusterNodes</c> is <c>cluster_nodes</c>, so that nobody must quote.</summary>
internal static partial class SnakeCaseNames
{
    public static void Apply(ModelBuilder builder)
    {
        foreach (var entity in builder.Model.GetEntityTypes())
        {
            if (entity.IsMappedToJson())
            {
                entity.SetContainerColumnName(Of(entity.GetContainerColumnName()!));
                continue;
            }
            entity.SetTableName(Of(entity.GetTableName()!));
            foreach (var property in entity.GetProperties()) { property.SetColumnName(Of(property.GetColumnName())); }
            foreach (var key in entity.GetKeys()) { key.SetName(Of(key.GetName()!)); }
            foreach (var key in entity.GetForeignKeys()) { key.SetConstraintName(Of(key.GetConstraintName()!)); }
            foreach (var index in entity.GetIndexes()) { index.SetDatabaseName(Of(index.GetDatabaseName()!)); }
        }
    }

    private static string Of(string name) => WordStart().Replace(name, "_").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", RegexOptions.None, 1000)]
    private static partial Regex WordStart();
}
