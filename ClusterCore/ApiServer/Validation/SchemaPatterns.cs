using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>
/// The patterns in the schema of a definition. One that cannot be matched in linear time is refused with the definition: kept, it
/// would refuse every object.
/// </summary>
internal static class SchemaPatterns
{
    private static readonly string[] One = ["items", "not", "additionalProperties"];
    private static readonly string[] Named = ["properties", "patternProperties", "definitions"];
    private static readonly string[] Several = ["allOf", "anyOf", "oneOf"];

    public static void Check(JsonObject schema, string path, FieldErrors errors)
    {
        if (schema.Text("pattern") is { Length: > 0 } pattern && Wrong(pattern) is { } wrong)
        {
            errors.Invalid($"{path}.pattern", pattern, $"must be a valid regular expression, but isn't: {wrong}");
        }

        foreach (var name in One)
        {
            if (schema.Object(name) is { } inner) { Check(inner, $"{path}.{name}", errors); }
        }

        foreach (var name in Named)
        {
            foreach (var (key, inner) in schema.Object(name) ?? [])
            {
                if (inner is JsonObject child) { Check(child, $"{path}.{name}[{key}]", errors); }
            }
        }

        foreach (var name in Several)
        {
            Sets.Each(schema, name, int.MaxValue, path, errors, Check);
        }
    }

    private static string? Wrong(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return exception.Message;
        }
    }
}
