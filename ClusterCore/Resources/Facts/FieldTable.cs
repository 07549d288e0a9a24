namespace Flotilla.ClusterCore.Resources.Facts;

/// <summary>
/// Fields by name, found by a span without making a text. A table of its own, because a frozen dictionary takes longer to build (and
/// to compile at start) than the few look-ups of most types are worth.
/// </summary>
internal sealed class FieldTable
{
    private readonly FieldSchema?[] slots;

    public FieldTable(IReadOnlyList<FieldSchema> fields)
    {
        var size = 4;
        while (size < fields.Count * 2)
        {
            size *= 2;
        }

        slots = new FieldSchema?[size];
        foreach (var field in fields)
        {
            var slot = Hash(field.Name) & (size - 1);
            while (slots[slot] is not null)
            {
                slot = (slot + 1) & (size - 1);
            }

            slots[slot] = field;
        }
    }

    public FieldSchema? Find(ReadOnlySpan<char> name)
    {
        for (var slot = Hash(name) & (slots.Length - 1); slots[slot] is { } field; slot = (slot + 1) & (slots.Length - 1))
        {
            if (name.SequenceEqual(field.Name))
            {
                return field;
            }
        }

        return null;
    }

    private static int Hash(ReadOnlySpan<char> name) =>
        name.IsEmpty ? 0 : (((((name.Length * 31) + name[0]) * 31) + name[name.Length / 2]) * 31) + name[^1];
}
