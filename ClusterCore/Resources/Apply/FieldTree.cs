namespace Flotilla.ClusterCore.Resources.Apply;

/// <summary>
/// A set of field paths as a tree. An element of a path is written as in FieldsV1: f:name of a field, k:{…} of a list item by its keys,
/// v:… of an item by its value, i:n by its place.
/// </summary>
internal sealed class FieldTree
{
    private SortedDictionary<string, FieldTree>? children;

    /// <summary>The path that leads here is in the set itself, not only something below it.</summary>
    public bool IsMember { get; set; }

    public IReadOnlyDictionary<string, FieldTree> Children => children ?? (IReadOnlyDictionary<string, FieldTree>)Empty;

    public bool IsEmpty => !IsMember && children is null or { Count: 0 };

    private static readonly SortedDictionary<string, FieldTree> Empty = new(StringComparer.Ordinal);

    public FieldTree? Find(string element) => children?.GetValueOrDefault(element);

    public bool Has(string element) => Find(element)?.IsMember == true;

    public FieldTree Child(string element)
    {
        children ??= new SortedDictionary<string, FieldTree>(StringComparer.Ordinal);
        if (!children.TryGetValue(element, out var child))
        {
            children[element] = child = new FieldTree();
        }

        return child;
    }

    public void Remove(string element) => children?.Remove(element);

    /// <summary>Drops a child that turned out to hold nothing.</summary>
    public void Trim(string element)
    {
        if (Find(element) is { IsEmpty: true })
        {
            Remove(element);
        }
    }

    public static FieldTree Union(FieldTree left, FieldTree right)
    {
        var result = new FieldTree { IsMember = left.IsMember || right.IsMember };
        foreach (var (element, child) in left.Children)
        {
            result.Set(element, right.Find(element) is { } other ? Union(child, other) : child.Copy());
        }

        foreach (var (element, child) in right.Children)
        {
            if (left.Find(element) is null)
            {
                result.Set(element, child.Copy());
            }
        }

        return result;
    }

    public static FieldTree Difference(FieldTree left, FieldTree right)
    {
        var result = new FieldTree { IsMember = left.IsMember && !right.IsMember };
        foreach (var (element, child) in left.Children)
        {
            result.Set(element, right.Find(element) is { } other ? Difference(child, other) : child.Copy());
        }

        return result;
    }

    public static FieldTree Intersection(FieldTree left, FieldTree right)
    {
        var result = new FieldTree { IsMember = left.IsMember && right.IsMember };
        foreach (var (element, child) in left.Children)
        {
            if (right.Find(element) is { } other)
            {
                result.Set(element, Intersection(child, other));
            }
        }

        return result;
    }

    public bool SetEquals(FieldTree other) =>
        IsMember == other.IsMember && Children.Count == other.Children.Count
        && Children.All(child => other.Find(child.Key) is { } match && child.Value.SetEquals(match));

    /// <summary>Named fields on the way to a member count as members too: an object is there when something in it is.</summary>
    public FieldTree WithNamedFields(ISchema? schema)
    {
        var result = new FieldTree { IsMember = IsMember };
        foreach (var (element, child) in Children)
        {
            var isField = element.StartsWith("f:", StringComparison.Ordinal) && schema?.Field(element.AsSpan(2)) is not null;
            var copy = child.WithNamedFields(PathElements.SchemaOf(schema, element));
            copy.IsMember |= isField && child.Children.Count > 0;
            result.Set(element, copy);
        }

        return result;
    }

    /// <summary>All members as messages write paths.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        foreach (var (element, child) in Children)
        {
            var path = prefix + PathElements.Show(element);
            if (child.IsMember)
            {
                yield return path;
            }

            foreach (var below in child.Paths(path))
            {
                yield return below;
            }
        }
    }

    private FieldTree Copy() => Difference(this, new FieldTree());

    private void Set(string element, FieldTree child)
    {
        if (!child.IsEmpty)
        {
            children ??= new SortedDictionary<string, FieldTree>(StringComparer.Ordinal);
            children[element] = child;
        }
    }
}
