namespace Flotilla.ClusterCore.Resources.Apply;

/// <summary>A step of a path and the paths that go on from there.</summary>
internal readonly record struct FieldBranch(string Element, FieldTree Tree);

/// <summary>
/// A set of field paths as a tree. An element of a path is written as in FieldsV1: f:name of a field, k:{…} of a list item by its keys,
/// v:… of an item by its value, i:n by its place. The results of set operations share branches with their operands: a tree is built, then
/// combined, and not changed after that.
/// </summary>
internal sealed class FieldTree
{
    private static readonly Comparison<FieldBranch> byElement = static (left, right) => string.CompareOrdinal(left.Element, right.Element);

    private List<FieldBranch>? branches;

    /// <summary>What is added comes in order, mostly; when it does not, it is put in order once, when first asked for.</summary>
    private bool isDisordered;

    /// <summary>The path that leads here is in the set itself, not only something below it.</summary>
    public bool IsMember { get; set; }

    /// <summary>In order of their elements, none of them empty.</summary>
    public IReadOnlyList<FieldBranch> Branches => Ordered();

    public bool IsEmpty => !IsMember && branches is null or { Count: 0 };

    private static readonly List<FieldBranch> none = [];

    public FieldTree? Find(string element) => IndexOf(element) is >= 0 and var at ? branches![at].Tree : null;

    public bool Has(string element) => Find(element)?.IsMember == true;

    /// <summary>Adds a branch under an element that has none yet; an empty one leaves no trace.</summary>
    public void Add(string element, FieldTree branch)
    {
        if (branch.IsEmpty)
        {
            return;
        }

        branches ??= [];
        isDisordered |= branches.Count > 0 && string.CompareOrdinal(branches[^1].Element, element) > 0;
        branches.Add(new(element, branch));
    }

    public void AddMember(string element) => Add(element, new() { IsMember = true });

    public void Remove(string element)
    {
        if (IndexOf(element) is >= 0 and var at)
        {
            branches!.RemoveAt(at);
        }
    }

    public static FieldTree Union(FieldTree left, FieldTree right)
    {
        if (left.IsEmpty || right.IsEmpty)
        {
            return left.IsEmpty ? right : left;
        }

        var result = new FieldTree { IsMember = left.IsMember || right.IsMember };
        var (mine, others) = (left.Ordered(), right.Ordered());
        for (var (i, j) = (0, 0); i < mine.Count || j < others.Count;)
        {
            var order = i == mine.Count ? 1 : j == others.Count ? -1 : byElement(mine[i], others[j]);
            var next = order > 0 ? others[j] : mine[i];
            result.Add(next.Element, order == 0 ? Union(next.Tree, others[j].Tree) : next.Tree);
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return result;
    }

    public static FieldTree Difference(FieldTree left, FieldTree right)
    {
        if (left.IsEmpty || right.IsEmpty)
        {
            return left;
        }

        var result = new FieldTree { IsMember = left.IsMember && !right.IsMember };
        foreach (var (element, branch) in left.Ordered())
        {
            result.Add(element, right.Find(element) is { } other ? Difference(branch, other) : branch);
        }

        return result;
    }

    public static FieldTree Intersection(FieldTree left, FieldTree right)
    {
        var result = new FieldTree { IsMember = left.IsMember && right.IsMember };
        foreach (var (element, branch) in left.Ordered())
        {
            if (right.Find(element) is { } other)
            {
                result.Add(element, Intersection(branch, other));
            }
        }

        return result;
    }

    public bool SetEquals(FieldTree other)
    {
        var (mine, others) = (Ordered(), other.Ordered());
        if (IsMember != other.IsMember || mine.Count != others.Count)
        {
            return false;
        }

        for (var i = 0; i < mine.Count; i++)
        {
            if (mine[i].Element != others[i].Element || !mine[i].Tree.SetEquals(others[i].Tree))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Named fields on the way to a member count as members too: an object is there when something in it is.</summary>
    public FieldTree WithNamedFields(ISchema? schema)
    {
        var result = new FieldTree { IsMember = IsMember };
        foreach (var (element, branch) in Ordered())
        {
            var isField = element.StartsWith("f:", StringComparison.Ordinal) && schema?.Field(element.AsSpan(2)) is not null;
            var copy = branch.WithNamedFields(PathElements.SchemaOf(schema, element));
            copy.IsMember |= isField && branch.branches is { Count: > 0 };
            result.Add(element, copy);
        }

        return result;
    }

    /// <summary>All members as messages write paths: at each level those that are members first, then what is below.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        var members = Ordered().Where(static branch => branch.Tree.IsMember).Select(branch => prefix + PathElements.Show(branch.Element));
        return members.Concat(Ordered().SelectMany(branch => branch.Tree.Paths(prefix + PathElements.Show(branch.Element))));
    }

    private List<FieldBranch> Ordered()
    {
        if (isDisordered)
        {
            branches!.Sort(byElement);
            isDisordered = false;
        }

        return branches ?? none;
    }

    private int IndexOf(string element)
    {
        var ordered = Ordered();
        var (low, high) = (0, ordered.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(ordered[middle].Element, element);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }
}
