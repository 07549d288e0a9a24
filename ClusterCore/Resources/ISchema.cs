namespace Flotilla.ClusterCore.Resources;

/// <summary>How a value looks in JSON, and what is special about its wire forms.</summary>
public enum SchemaKind
{
    String, Boolean, Int32, Int64, Double, Bytes,

    /// <summary>Members by name, each with a schema of its own.</summary>
    Object,

    /// <summary>Free names, one schema for all values.</summary>
    Map,
    List,
    Quantity, IntOrString, Time, MicroTime, Duration, FieldsV1,

    /// <summary>Any JSON: RawExtension, apiextensions JSON, and custom resources' parts without a schema.</summary>
    Any,

    /// <summary>An apiextensions union: a schema or a list of schemas; a schema or a boolean; a schema or a list of names.</summary>
    SchemaOrArray, SchemaOrBool, SchemaOrStringArray,
}

public enum ListType { Atomic, Set, Map }

/// <summary>
/// What codecs, patches and apply must know of a value. Built-in types come from the API facts, custom resources bring their
/// structural schema; both go through the same code.
/// </summary>
public interface ISchema
{
    SchemaKind Kind { get; }

    /// <summary>Owned, applied and replaced as a whole.</summary>
    bool Atomic { get; }

    /// <summary>Unknown members are kept (custom resources' x-kubernetes-preserve-unknown-fields).</summary>
    bool PreservesUnknownFields => false;

    /// <summary>The field of an object by its JSON name; null when there is none.</summary>
    FieldSchema? Field(ReadOnlySpan<char> name);

    /// <summary>The schema of a list's items or a map's values.</summary>
    ISchema? Item { get; }

    ListType ListType => ListType.Atomic;

    /// <summary>What tells the items of a list of type map apart.</summary>
    IReadOnlyList<string> ListMapKeys => [];

    string? PatchMergeKey => null;

    /// <summary>Names of all fields, in the order of the type; empty for everything but objects.</summary>
    IEnumerable<FieldSchema> Fields => [];
}
