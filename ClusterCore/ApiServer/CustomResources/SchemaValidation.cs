using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>What of a custom object breaks the rules of its definition, path by path.</summary>
internal sealed class SchemaValidation
{
    /// <summary>A pattern is the definition's author's: it may not cost more than this.</summary>
    private static readonly TimeSpan patternLimit = TimeSpan.FromMilliseconds(100);
    private readonly List<FieldError> errors = [];

    public static IReadOnlyList<FieldError> Validate(JsonObject schema, JsonObject obj)
    {
        var validation = new SchemaValidation();
        validation.Members(schema, obj, "");
        return validation.errors;
    }

    private void Value(JsonObject schema, JsonNode? value, string path)
    {
        if (value is null)
        {
            if (!Flag(schema, "nullable")) { errors.Add(FieldError.Invalid(path, null, $"{path} in body must be of type {Text(schema, "type")}: \"null\"")); }
            return;
        }

        if (!HasType(schema, value))
        {
            var type = TypeName(value);
            errors.Add(new(FieldErrorType.TypeInvalid, path, type, $"{path} in body must be of type {Text(schema, "type")}: \"{type}\""));
            return;
        }

        Choices(schema, value, path);
        Combinations(schema, value, path);
        switch (value)
        {
            case JsonObject obj: Members(schema, obj, path); break;
            case JsonArray list: Items(schema, list, path); break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String: Characters(schema, scalar.GetValue<string>(), path); break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.Number: Range(schema, scalar, path); break;
        }
    }

    private void Members(JsonObject schema, JsonObject obj, string path)
    {
        foreach (var required in Texts(schema, "required"))
        {
            if (!obj.ContainsKey(required)) { errors.Add(FieldError.Required(Join(path, required))); }
        }

        var properties = schema["properties"] as JsonObject;
        foreach (var (name, child) in obj)
        {
            if (path.Length == 0 && name is "metadata" or "kind" or "apiVersion") { continue; }
            if (properties?[name] is JsonObject typed) { Value(typed, child, Join(path, name)); }
            else if (schema["additionalProperties"] is JsonObject values) { Value(values, child, Join(path, name)); }
        }

        Limit(schema, "minProperties", obj.Count, path, (count, limit) => count < limit, limit => $"{path} in body should have at least {limit} properties");
        Limit(schema, "maxProperties", obj.Count, path, (count, limit) => count > limit, limit => $"{path} in body should have at most {limit} properties");
    }

    private void Items(JsonObject schema, JsonArray list, string path)
    {
        if (schema["items"] is JsonObject item)
        {
            for (var i = 0; i < list.Count; i++) { Value(item, list[i], $"{path}[{i}]"); }
        }

        Limit(schema, "minItems", list.Count, path, (count, limit) => count < limit, limit => $"{path} in body should have at least {limit} items");
        if (Number(schema, "maxItems") is { } most && list.Count > most) { errors.Add(FieldError.TooMany(path, list.Count, (int)most)); }
        Duplicates(schema, list, path);
    }

    private void Duplicates(JsonObject schema, JsonArray list, string path)
    {
        var type = Text(schema, "x-kubernetes-list-type");
        if (type is not ("set" or "map")) { return; }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var keys = Texts(schema, "x-kubernetes-list-map-keys").ToArray();
        for (var i = 0; i < list.Count; i++)
        {
            JsonNode? key = type == "set" ? list[i]?.DeepClone() : new JsonArray([.. keys.Select(name => (list[i] as JsonObject)?[name]?.DeepClone())]);
            if (!seen.Add(key?.ToJsonString() ?? "null")) { errors.Add(FieldError.Duplicate($"{path}[{i}]", list[i])); }
        }
    }

    private void Characters(JsonObject schema, string text, string path)
    {
        Limit(schema, "minLength", text.Length, path, (count, limit) => count < limit, limit => $"{path} in body should be at least {limit} chars long");
        if (Number(schema, "maxLength") is { } most && text.Length > most) { errors.Add(FieldError.TooLong(path, (int)most)); }
        if (Text(schema, "pattern") is { Length: > 0 } pattern && !Matches(pattern, text))
        {
            errors.Add(FieldError.Invalid(path, text, $"{path} in body should match '{pattern}'"));
        }
    }

    /// <summary>Go's expressions are linear in time; .NET's own linear engine takes nearly the same language.</summary>
    private static bool Matches(string pattern, string text)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, patternLimit);
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private void Range(JsonObject schema, JsonValue value, string path)
    {
        var number = Double(value);
        var (exclusiveLow, exclusiveHigh) = (Flag(schema, "exclusiveMinimum"), Flag(schema, "exclusiveMaximum"));
        if (Number(schema, "minimum") is { } low && (exclusiveLow ? number <= low : number < low))
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be greater than {(exclusiveLow ? "" : "or equal to ")}{low}"));
        }

        if (Number(schema, "maximum") is { } high && (exclusiveHigh ? number >= high : number > high))
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be less than {(exclusiveHigh ? "" : "or equal to ")}{high}"));
        }

        if (Number(schema, "multipleOf") is { } step and not 0 && Math.Abs(Math.IEEERemainder(number, step)) > 1e-9)
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be a multiple of {step}"));
        }
    }

    private void Choices(JsonObject schema, JsonNode value, string path)
    {
        if (schema["enum"] is JsonArray choices && !choices.Any(choice => JsonNode.DeepEquals(choice, value)))
        {
            errors.Add(FieldError.NotSupported(path, value, choices.Select(choice => choice?.ToString() ?? "null")));
        }
    }

    private void Combinations(JsonObject schema, JsonNode value, string path)
    {
        foreach (var part in Parts(schema, "allOf")) { errors.AddRange(Check(part, value, path)); }
        if (schema["anyOf"] is JsonArray { Count: > 0 } && !Flag(schema, "x-kubernetes-int-or-string") && Parts(schema, "anyOf").All(part => Check(part, value, path).Count > 0))
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body must validate at least one schema (anyOf)"));
        }

        if (schema["oneOf"] is JsonArray { Count: > 0 } && Parts(schema, "oneOf").Count(part => Check(part, value, path).Count == 0) != 1)
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body must validate one and only one schema (oneOf)"));
        }

        if (schema["not"] is JsonObject not && Check(not, value, path).Count == 0)
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body must not validate the schema (not)"));
        }
    }

    private static List<FieldError> Check(JsonObject schema, JsonNode value, string path)
    {
        var validation = new SchemaValidation();
        validation.Value(schema, value, path);
        return validation.errors;
    }

    private static IEnumerable<JsonObject> Parts(JsonObject schema, string name) => (schema[name] as JsonArray ?? []).OfType<JsonObject>();

    private static bool HasType(JsonObject schema, JsonNode value)
    {
        if (Flag(schema, "x-kubernetes-int-or-string")) { return TypeName(value) is "integer" or "string"; }
        return Text(schema, "type") switch
        {
            "" => true,
            "number" => TypeName(value) is "number" or "integer",
            var type => TypeName(value) == type,
        };
    }

    private static string TypeName(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => double.IsInteger(Double(value)) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };

    private void Limit(JsonObject schema, string name, int count, string path, Func<int, double, bool> breaks, Func<double, string> message)
    {
        if (Number(schema, name) is { } limit && breaks(count, limit)) { errors.Add(FieldError.Invalid(path, count, message(limit))); }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Text(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    private static double? Number(JsonObject schema, string name) => schema[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? Double(value) : null;

    /// <summary>A node holds the number as whatever it was read as.</summary>
    private static double Double(JsonNode value) => double.Parse(value.ToJsonString());

    private static bool Flag(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue(out bool set) && set;

    private static IEnumerable<string> Texts(JsonObject schema, string name) => (schema[name] as JsonArray ?? []).Select(one => one?.ToString() ?? "");
}
