namespace Flotilla.ClusterCore.Resources.Facts;

internal static class ResourceReader
{
    public static ResourceInfo[] Read(FactsReader facts)
    {
        var cursor = facts.Resources;
        var resources = new ResourceInfo[cursor.Number()];
        for (var i = 0; i < resources.Length; i++)
        {
            resources[i] = new(
                cursor.Text(), cursor.Text(), cursor.Text(), cursor.Text(), cursor.Text(), cursor.Number() != 0,
                cursor.Texts(), cursor.Texts(), cursor.Texts(), Subresources(ref cursor), Columns(ref cursor));
        }

        return resources;
    }

    private static SubresourceInfo[] Subresources(ref FactsCursor cursor)
    {
        var subresources = new SubresourceInfo[cursor.Number()];
        for (var i = 0; i < subresources.Length; i++)
        {
            subresources[i] = new(cursor.Text(), cursor.Text(), cursor.Text(), cursor.Text(), cursor.Texts());
        }

        return subresources;
    }

    private static ColumnInfo[] Columns(ref FactsCursor cursor)
    {
        var columns = new ColumnInfo[cursor.Number()];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = new(cursor.Text(), cursor.Text(), cursor.Text(), cursor.Number());
        }

        return columns;
    }
}
