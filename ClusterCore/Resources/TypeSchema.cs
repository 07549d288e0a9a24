using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Facts;
using Flotilla.ClusterCore.Resources.Json;

namespace Flotilla.ClusterCore.Resources;

/// <summary>A message type of the API, its inlined parts flattened as JSON has them.</summary>
public sealed class TypeSchema : ISchema
{
    private readonly FieldTable table;

    internal TypeSchema(string name, bool atomic, bool typed, IReadOnlyList<WireField> wire)
    {
        (Name, Atomic, HasTypeMeta, Wire) = (name, atomic, typed, wire);
        FieldSchema[] typeMeta = typed ? [TypeMeta.Kind, TypeMeta.ApiVersion] : [];
        AllFields = [.. typeMeta, .. wire.SelectMany(static field => field.Inlined?.AllFields ?? [field.Field!])];
        table = new FieldTable(AllFields);
    }

    /// <summary>The protobuf full name, such as k8s.io.api.core.v1.Pod.</summary>
    public string Name { get; }

    public bool Atomic { get; }

    /// <summary>Has apiVersion and kind of its own.</summary>
    public bool HasTypeMeta { get; }

    public SchemaKind Kind => SchemaKind.Object;

    public ISchema? Item => null;

    public IReadOnlyList<FieldSchema> AllFields { get; }

    public IEnumerable<FieldSchema> Fields => AllFields;

    /// <summary>The fields as protobuf has them: inlined parts are messages of their own.</summary>
    internal IReadOnlyList<WireField> Wire { get; }

    /// <summary>An object in which nothing is set: read it, never change it.</summary>
    internal JsonObject EmptyObject => field ??= CreateEmpty();

    internal WireField? WireField(int number)
    {
        foreach (var wire in Wire)
        {
            if (wire.Number == number)
            {
                return wire;
            }
        }

        return null;
    }

    /// <summary>What Go writes even when it was not given: texts, numbers, structs and times that have no omitempty or cannot be empty.</summary>
    internal IReadOnlyList<FieldSchema> AlwaysWritten => field ??= [.. AllFields.Where(IsAlwaysWritten)];

    public FieldSchema? Field(ReadOnlySpan<char> name) => table.Find(name);

    private JsonObject CreateEmpty()
    {
        var empty = new JsonObject();
        ZeroValues.Complete(empty, this);
        return empty;
    }

    private static bool IsAlwaysWritten(FieldSchema field) => !field.Pointer && field.Value.Kind switch
    {
        SchemaKind.Object or SchemaKind.Quantity or SchemaKind.IntOrString => true,
        // A time that is not there is null, as a list is; but for the one time that every object gets.
        SchemaKind.Time or SchemaKind.MicroTime => field.Name != "creationTimestamp",
        SchemaKind.List or SchemaKind.Map or SchemaKind.String or SchemaKind.Boolean or SchemaKind.Int32 or SchemaKind.Int64 or SchemaKind.Double => !field.OmitEmpty,
        _ => false,
    };
}

/// <param name="Field">Null when the field is an inlined message.</param>
internal sealed record WireField(int Number, FieldSchema? Field, TypeSchema? Inlined);

internal static class TypeMeta
{
    public static readonly FieldSchema Kind = new("kind", ScalarSchema.Text) { OmitEmpty = true, Optional = true };
    public static readonly FieldSchema ApiVersion = new("apiVersion", ScalarSchema.Text) { OmitEmpty = true, Optional = true };
}
