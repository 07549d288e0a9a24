namespace Flotilla.ClusterCore.Resources;

/// <summary>A value without structure.</summary>
public sealed class ScalarSchema : ISchema
{
    public static readonly ScalarSchema Text = new(SchemaKind.String);
    public static readonly ScalarSchema Any = new(SchemaKind.Any);

    private static readonly ScalarSchema[] All = CreateAll();

    private ScalarSchema(SchemaKind kind) => Kind = kind;

    public SchemaKind Kind { get; }

    public bool Atomic => true;

    public bool PreservesUnknownFields => true;

    public ISchema? Item => null;

    public static ScalarSchema Of(SchemaKind kind) => All[(int)kind];

    public FieldSchema? Field(ReadOnlySpan<char> name) => null;

    private static ScalarSchema[] CreateAll()
    {
        var all = new ScalarSchema[(int)SchemaKind.SchemaOrStringArray + 1];
        for (var kind = 0; kind < all.Length; kind++)
        {
            all[kind] = new ScalarSchema((SchemaKind)kind);
        }

        (all[(int)SchemaKind.String], all[(int)SchemaKind.Any]) = (Text, Any);
        return all;
    }
}

public sealed class MapSchema(ISchema value, bool atomic) : ISchema
{
    public SchemaKind Kind => SchemaKind.Map;

    public bool Atomic => atomic;

    public ISchema? Item => value;

    public FieldSchema? Field(ReadOnlySpan<char> name) => null;
}

public sealed class ListSchema(ISchema item, ListType listType, IReadOnlyList<string> mapKeys) : ISchema
{
    public SchemaKind Kind => SchemaKind.List;

    public bool Atomic => ListType == ListType.Atomic;

    public ISchema? Item => item;

    public ListType ListType => listType;

    public IReadOnlyList<string> ListMapKeys => mapKeys;

    public string? PatchMergeKey { get; init; }

    /// <summary>In protobuf the list is a message with one repeated field 1 (meta/v1 Verbs, the ExtraValue types).</summary>
    public bool Wrapped { get; init; }

    public FieldSchema? Field(ReadOnlySpan<char> name) => null;
}

/// <summary>One of the apiextensions unions around a schema.</summary>
public sealed class UnionSchema(SchemaKind kind, Func<ISchema> schema) : ISchema
{
    public SchemaKind Kind => kind;

    public bool Atomic => false;

    public ISchema? Item => field ??= schema();

    public FieldSchema? Field(ReadOnlySpan<char> name) => Item!.Field(name);
}
