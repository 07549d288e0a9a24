namespace Flotilla.ClusterCore.Resources.Facts;

/// <summary>Decodes a type's record into its schema when it is first asked for.</summary>
internal sealed class TypeReader
{
    private const int FirstType = 16;

    private static readonly SchemaKind[] Scalars =
        [SchemaKind.String, SchemaKind.Boolean, SchemaKind.Int32, SchemaKind.Int64, SchemaKind.Double, SchemaKind.Bytes];

    private readonly FactsReader facts;
    private readonly string[] names;
    private readonly int[] offsets;
    private readonly ISchema?[] schemas;

    public TypeReader(FactsReader facts)
    {
        this.facts = facts;
        var cursor = facts.TypeIndex;
        var count = cursor.Number();
        (names, offsets, schemas) = (new string[count], new int[count], new ISchema?[count]);
        for (var i = 0; i < count; i++)
        {
            (names[i], offsets[i]) = (cursor.Text(), cursor.Number());
        }
    }

    public IEnumerable<string> Names => names;

    public TypeSchema? Find(string name) =>
        Array.BinarySearch(names, name, StringComparer.Ordinal) is >= 0 and var place ? Message(place) as TypeSchema : null;

    /// <summary>Two threads may decode the same type at once; one of the two equal schemas stays.</summary>
    private ISchema Message(int place) =>
        Volatile.Read(ref schemas[place]) ?? Interlocked.CompareExchange(ref schemas[place], Decode(place), null) ?? schemas[place]!;

    private ISchema Decode(int place) => names[place] switch
    {
        "k8s.io.apimachinery.pkg.api.resource.Quantity" => ScalarSchema.Of(SchemaKind.Quantity),
        "k8s.io.apimachinery.pkg.util.intstr.IntOrString" => ScalarSchema.Of(SchemaKind.IntOrString),
        "k8s.io.apimachinery.pkg.apis.meta.v1.Time" => ScalarSchema.Of(SchemaKind.Time),
        "k8s.io.apimachinery.pkg.apis.meta.v1.MicroTime" => ScalarSchema.Of(SchemaKind.MicroTime),
        "k8s.io.apimachinery.pkg.apis.meta.v1.Duration" => ScalarSchema.Of(SchemaKind.Duration),
        "k8s.io.apimachinery.pkg.apis.meta.v1.FieldsV1" => ScalarSchema.Of(SchemaKind.FieldsV1),
        "k8s.io.apimachinery.pkg.runtime.RawExtension" or ApiExtensions + "JSON" => ScalarSchema.Any,
        ApiExtensions + "JSONSchemaPropsOrArray" => Union(SchemaKind.SchemaOrArray),
        ApiExtensions + "JSONSchemaPropsOrBool" => Union(SchemaKind.SchemaOrBool),
        ApiExtensions + "JSONSchemaPropsOrStringArray" => Union(SchemaKind.SchemaOrStringArray),
        var name when name.EndsWith(".ExtraValue", StringComparison.Ordinal) || name.EndsWith(".meta.v1.Verbs", StringComparison.Ordinal)
            => new ListSchema(ScalarSchema.Text, ListType.Atomic, []) { Wrapped = true },
        var name => DecodeMessage(name, facts.TypesAt + offsets[place]),
    };

    private const string ApiExtensions = "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.";

    private UnionSchema Union(SchemaKind kind) => new(kind, () => Find(ApiExtensions + "JSONSchemaProps")!);

    private TypeSchema DecodeMessage(string name, int offset)
    {
        var cursor = new FactsCursor(facts, offset);
        var flags = cursor.Number();
        var wire = new WireField[cursor.Number()];
        for (var i = 0; i < wire.Length; i++)
        {
            wire[i] = DecodeField(ref cursor);
        }

        return new TypeSchema(name, (flags & 1) != 0, (flags & 2) != 0, wire);
    }

    private WireField DecodeField(ref FactsCursor cursor)
    {
        var (name, number, flags, type) = (cursor.Text(), cursor.Number(), cursor.Number(), cursor.Number());
        bool Has(int bit) => (flags & (1 << bit)) != 0;
        var (strategy, mergeKey, defaultValue, gate) = (
            Has(8) ? cursor.Text() : null, Has(9) ? cursor.Text() : null, Has(10) ? cursor.Text() : null, Has(11) ? cursor.Text() : null);
        var mapKeys = Has(12) ? cursor.Texts() : [];
        var (enums, validation) = (Has(13) ? cursor.Texts() : [], Has(14) ? cursor.Texts() : []);
        if (Has(6) && Message(type - FirstType) is TypeSchema inlined)
        {
            return new(number, null, inlined);
        }

        var listType = Has(16) ? ListType.Map : Has(15) ? ListType.Set : ListType.Atomic;
        ISchema Resolve()
        {
            var value = type < FirstType ? ScalarSchema.Of(Scalars[type]) : Message(type - FirstType);
            return Has(0) ? new ListSchema(value, listType, mapKeys) { PatchMergeKey = mergeKey }
                : Has(1) ? new MapSchema(value, Has(17))
                : value;
        }

        return new(number, new FieldSchema(name, Resolve)
        {
            Number = number,
            Pointer = Has(2),
            OmitEmpty = Has(3),
            Optional = Has(4),
            Required = Has(5),
            Nullable = Has(7),
            AtomicHere = Has(17) ? true : Has(18) ? false : null,
            PatchStrategy = strategy,
            PatchMergeKey = mergeKey,
            Default = defaultValue,
            FeatureGate = gate,
            Enum = enums,
            Validation = validation,
        }, null);
    }
}
