namespace Flotilla.ClusterCore.Resources.Json;

/// <summary>The names Go's JSON package gives to types in its messages, which clients show.</summary>
internal static class GoTypes
{
    public static string ShortName(TypeSchema type) => type.Name[(type.Name.LastIndexOf('.') + 1)..];

    public static string Name(ISchema schema) => schema.Kind switch
    {
        SchemaKind.String => "string",
        SchemaKind.Boolean => "bool",
        SchemaKind.Int32 => "int32",
        SchemaKind.Int64 => "int64",
        SchemaKind.Double => "float64",
        SchemaKind.Bytes => "[]uint8",
        SchemaKind.List => $"[]{Name(schema.Item!)}",
        SchemaKind.Map => $"map[string]{Name(schema.Item!)}",
        SchemaKind.Quantity => "resource.Quantity",
        SchemaKind.IntOrString => "intstr.IntOrString",
        SchemaKind.Time or SchemaKind.MicroTime => "string",
        SchemaKind.Duration => "string",
        SchemaKind.Object when schema is TypeSchema type => Qualified(type),
        _ => "map[string]interface {}",
    };

    /// <summary>k8s.io.api.core.v1.PodSpec is v1.PodSpec.</summary>
    private static string Qualified(TypeSchema type)
    {
        var parts = type.Name.Split('.');
        return $"{parts[^2]}.{parts[^1]}";
    }
}
