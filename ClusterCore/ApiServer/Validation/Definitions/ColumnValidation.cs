using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation.Definitions;

/// <summary>The columns that tables of custom objects have beside the name.</summary>
internal static class ColumnValidation
{
    private static readonly string[] types = ["boolean", "date", "integer", "number", "string"];
    private static readonly string[] formats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

    public static void Check(JsonObject version, string path, FieldErrors errors)
    {
        foreach (var (index, column) in version.Items("additionalPrinterColumns").Index())
        {
            var at = $"{path}.additionalPrinterColumns[{index}]";
            Rules.Required(column, "name", at, errors);
            Rules.Required(column, "type", at, errors, static type => OneOf(type, types), OneOf("", types)!);
            Rules.Optional(column, "format", at, errors, static format => OneOf(format, formats));
            var jsonPath = column.Text("jsonPath") ?? "";
            if (jsonPath.Length == 0) { errors.Required($"{at}.JSONPath"); }
            else { errors.Check($"{at}.JSONPath", jsonPath, SubresourceValidation.SimplePath(jsonPath)); }
        }
    }

    private static string? OneOf(string value, string[] allowed) => allowed.Contains(value, StringComparer.Ordinal) ? null : $"must be one of {string.Join(',', allowed)}";
}
