using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tables;

internal static class StorageCells
{
    private static readonly (string Mode, string Short)[] modes =
        [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];

    public static JsonNode? AccessModes(RowView row, string path)
    {
        var given = row.At(path) is JsonArray list ? list.Select(one => one?.ToString()).ToHashSet(StringComparer.Ordinal) : [];
        return string.Join(',', modes.Where(mode => given.Contains(mode.Mode)).Select(mode => mode.Short));
    }

    public static JsonNode? ClassName(RowView row)
    {
        var annotations = row.At("metadata.annotations");
        return annotations?["storageclass.kubernetes.io/is-default-class"]?.ToString() == "true" ? $"{row.Name} (default)" : row.Name;
    }
}
