using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>
/// What of a value breaks a schema of a definition, in the words and the order of upstream's validator. What was wrong before an
/// update and is as it was is let be: a definition may have become stricter since.
/// </summary>
internal sealed class SchemaValidation
{
    private const string NoField = "<nil>";
    private readonly List<FieldError> errors = [];
    private readonly string place;

    private SchemaValidation(string place) => this.place = place;

    /// <param name="place">Where the value is: in front of the fields of errors, and not of the paths their messages show.</param>
    /// <param name="old">What the value was; null when it is new.</param>
    public static IReadOnlyList<FieldError> Validate(JsonObject schema, JsonNode? value, string place = "", JsonNode? old = null)
    {
        var validation = new SchemaValidation(place);
        validation.Value(schema, value, "", old);
        return validation.errors;
    }

    /// <returns>How many rules the value keeps: of several alternatives, the one that comes closest is shown.</returns>
    private int Value(JsonObject schema, JsonNode? value, string path, JsonNode? old)
    {
        var before = errors.Count;
        var kept = value is null ? Null(schema, path) : Present(schema, value, path, old);
        if (errors.Count > before && old is not null && !IsTypeMeta(path) && JsonNode.DeepEquals(value, old)) { errors.RemoveRange(before, errors.Count - before); }
        return kept;
    }

    /// <summary>What the versions of an object differ in cannot be compared.</summary>
    private bool IsTypeMeta(string path) => place.Length == 0 && path is "kind" or "apiVersion";

    private int Null(JsonObject schema, string path)
    {
        var types = TypesOf(schema);
        if (types.Length > 0 && !Flag(schema, "nullable")) { WrongType(path, string.Join(',', types), "null"); }
        if (schema["enum"] is JsonArray { Count: > 0 } choices) { NotAmong(choices, null, path); }
        return 0;
    }

    private int Present(JsonObject schema, JsonNode value, string path, JsonNode? old)
    {
        var kept = 2 + Type(schema, value, path) + Combinations(schema, value, path, old);
        switch (value)
        {
            case JsonObject obj: kept += Members(schema, obj, path, old as JsonObject); break;
            case JsonArray list: kept += Items(schema, list, path, old as JsonArray); break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String: Characters(schema, scalar.GetValue<string>(), path); break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.Number: Range(schema, scalar, path); break;
        }

        if (schema["enum"] is JsonArray { Count: > 0 } choices && !choices.Any(choice => JsonNode.DeepEquals(choice, value))) { NotAmong(choices, value, path); }
        return kept;
    }

    private int Type(JsonObject schema, JsonNode value, string path)
    {
        var (types, format) = (TypesOf(schema), FormatOf(schema));
        var (type, own) = Kind(value);
        if (types.Length == 0 && format.Length == 0) { return 0; }
        var isNumber = types.Contains("number") || types.Contains("integer");
        var fits = types.Contains(type)
            || (type == "integer" && types.Contains("number"))
            || (type == "number" && types.Contains("integer") && double.IsInteger(Double(value)));
        if (type is not ("string" or "array") && format.Length > 0 && !fits && own != format) { return WrongType(path, format, own); }
        if (!isNumber && format.Length > 0 && type == "string") { return 2; }
        return fits ? 2 : WrongType(path, string.Join(',', types), type);
    }

    private int Combinations(JsonObject schema, JsonNode value, string path, JsonNode? old)
    {
        var kept = AnyOf(schema, value, path, old) + OneOf(schema, value, path, old);
        var (parts, valid) = (0, 0);
        foreach (var part in Parts(schema, "allOf"))
        {
            var (found, matches) = Alternative(part, value, path, old);
            errors.AddRange(found);
            (parts, valid, kept) = (parts + 1, valid + (found.Count == 0 ? 1 : 0), kept + matches);
        }

        if (valid < parts) { Unplaced($"{Quoted(path)} must validate all the schemas (allOf){(valid == 0 ? ". None validated" : "")}"); }
        if (schema["not"] is JsonObject not && Alternative(not, value, path, old).Errors.Count == 0) { Unplaced($"{Quoted(path)} must not validate the schema (not)"); }
        return kept + 1;
    }

    private int AnyOf(JsonObject schema, JsonNode value, string path, JsonNode? old)
    {
        (List<FieldError> Errors, int Kept)? best = null;
        foreach (var part in Parts(schema, "anyOf"))
        {
            var one = Alternative(part, value, path, old);
            if (one.Errors.Count == 0) { return one.Kept; }
            if (best is null || one.Kept > best.Value.Kept) { best = one; }
        }

        if (best is not { } closest) { return 0; }
        Unplaced($"{Quoted(path)} must validate at least one schema (anyOf)");
        errors.AddRange(closest.Errors);
        return closest.Kept;
    }

    private int OneOf(JsonObject schema, JsonNode value, string path, JsonNode? old)
    {
        (List<FieldError> Errors, int Kept)? best = null;
        var (parts, valid, kept) = (0, 0, 0);
        foreach (var part in Parts(schema, "oneOf"))
        {
            parts++;
            var one = Alternative(part, value, path, old);
            if (one.Errors.Count == 0)
            {
                kept = valid++ == 0 ? one.Kept : kept;
                best = null;
            }
            else if (valid == 0 && (best is null || one.Kept > best.Value.Kept)) { best = one; }
        }

        if (parts == 0 || valid == 1) { return kept; }
        Unplaced($"{Quoted(path)} must validate one and only one schema (oneOf). {(valid == 0 ? "Found none valid" : $"Found {valid} valid alternatives")}");
        errors.AddRange(best?.Errors ?? []);
        return best?.Kept ?? 0;
    }

    private (List<FieldError> Errors, int Kept) Alternative(JsonObject schema, JsonNode value, string path, JsonNode? old)
    {
        var validation = new SchemaValidation(place);
        return (validation.errors, validation.Present(schema, value, path, old));
    }

    private int Members(JsonObject schema, JsonObject obj, string path, JsonObject? old)
    {
        if (Number(schema, "minProperties") is { } least && obj.Count < least) { Invalid(path, obj.Count, $"should have at least {Show(least)} properties"); }
        if (Number(schema, "maxProperties") is { } most && obj.Count > most) { errors.Add(FieldError.TooMany(Field(path), obj.Count, (int)most)); }
        var properties = schema["properties"] as JsonObject;
        var isClosed = schema["additionalProperties"] is JsonValue extra && extra.GetValueKind() == JsonValueKind.False;
        var kept = 0;
        foreach (var (name, child) in obj)
        {
            if (properties?[name] is JsonObject typed) { kept += Value(typed, child, path.Length == 0 ? name : $"{path}.{name}", old?[name]); }
            else if (schema["additionalProperties"] is JsonObject values) { kept += Value(values, child, $"{path}.{name}", old?[name]); }
            else if (isClosed) { errors.Add(FieldError.Invalid(Field(path), name, $"{path}.{name} in body is a forbidden property")); }
        }

        foreach (var required in Texts(schema, "required"))
        {
            if (!obj.ContainsKey(required)) { errors.Add(FieldError.Required(Field($"{path}.{required}"))); }
        }

        return kept;
    }

    private int Items(JsonObject schema, JsonArray list, string path, JsonArray? old)
    {
        var kept = 1;
        if (schema["items"] is JsonObject item)
        {
            var before = Text(schema, "x-kubernetes-list-type") == "map" ? ListMembers.ByKey(schema, old) : null;
            for (var i = 0; i < list.Count; i++)
            {
                kept += Value(item, list[i], $"{path}[{i}]", before?.GetValueOrDefault(ListMembers.KeyOf(schema, list[i]).ToJsonString()));
            }
        }

        if (Number(schema, "minItems") is { } least && list.Count < least) { Invalid(path, list.Count, $"should have at least {Show(least)} items"); }
        if (Number(schema, "maxItems") is { } most && list.Count > most) { errors.Add(FieldError.TooMany(Field(path), list.Count, (int)most)); }
        return kept;
    }

    /// <summary>Of a text only the first rule it breaks is told; its format is another matter.</summary>
    private void Characters(JsonObject schema, string text, string path)
    {
        // Runes, not UTF-16 code units.
        var length = text.EnumerateRunes().Count();
        if (Number(schema, "maxLength") is { } most && length > most) { errors.Add(FieldError.TooLong(Field(path), (int)most)); }
        else if (Number(schema, "minLength") is { } least && length < least) { Invalid(path, text, $"should be at least {Show(least)} chars long"); }
        else if (Text(schema, "pattern") is { Length: > 0 } pattern && !GoPattern.Matches(pattern, text)) { Invalid(path, text, $"should match '{pattern}'"); }

        if (FormatOf(schema) is { Length: > 0 } format && !StringFormats.Matches(format, text)) { WrongType(path, format, text); }
    }

    private void Range(JsonObject schema, JsonValue value, string path)
    {
        var number = Double(value);
        var (type, format) = (Text(schema, "type"), FormatOf(schema));
        Representable(number, type, format, "Checked", path);
        if (Number(schema, "multipleOf") is { } step)
        {
            Representable(step, type, format, "MultipleOf", path);
            if (step <= 0) { errors.Add(FieldError.Invalid(Field(path), step, $"factor MultipleOf declared for {path} must be positive: {Show(step)}")); }
            else if (!IsWhole(step < 1 ? 1 / step * number : number / step)) { Invalid(path, value, $"should be a multiple of {Show(step)}"); }
        }

        if (Number(schema, "maximum") is { } high)
        {
            var isExclusive = Flag(schema, "exclusiveMaximum");
            Representable(high, type, format, "Maximum boundary", path);
            if (isExclusive ? number >= high : number > high) { Invalid(path, value, $"should be less than {(isExclusive ? "" : "or equal to ")}{Show(high)}"); }
        }

        if (Number(schema, "minimum") is { } low)
        {
            var isExclusive = Flag(schema, "exclusiveMinimum");
            Representable(low, type, format, "Minimum boundary", path);
            if (isExclusive ? number <= low : number < low) { Invalid(path, value, $"should be greater than {(isExclusive ? "" : "or equal to ")}{Show(low)}"); }
        }
    }

    /// <summary>Whether a number, of the object or of the schema itself, is one of the schema's format.</summary>
    private void Representable(double number, string type, string format, string what, string path)
    {
        var fits = (type, format) switch
        {
            ("integer", "int32") => double.IsInteger(number) && number is >= int.MinValue and <= int.MaxValue,
            ("integer", _) => double.IsInteger(number) && Math.Abs(number) <= long.MaxValue,
            ("number", "float") => Math.Abs(number) <= float.MaxValue,
            _ => true,
        };
        if (!fits) { Unplaced($"{what} value must be of type {type} {(format.Length > 0 ? $"with format {format}" : "(default format)")} in {path}"); }
    }

    /// <summary>Of a factor such as 0.1 the product is never quite whole.</summary>
    private static bool IsWhole(double number) => Math.Abs(number - Math.Round(number)) < 1e-9 * Math.Max(1, Math.Abs(number));

    private void NotAmong(JsonArray choices, JsonNode? value, string path) =>
        errors.Add(FieldError.NotSupported(Field(path), value, choices.Select(choice => choice is JsonValue text && text.TryGetValue(out string? plain) ? plain : choice?.ToJsonString() ?? "null")));

    private int WrongType(string path, string wanted, string found)
    {
        errors.Add(new(FieldErrorType.TypeInvalid, Field(path), found, $"{path} in body must be of type {wanted}: {Quoted(found)}"));
        return 1;
    }

    private void Invalid(string path, object value, string rule) => errors.Add(FieldError.Invalid(Field(path), value, $"{path} in body {rule}"));

    /// <summary>What upstream's validator says without a field.</summary>
    private void Unplaced(string message) => errors.Add(FieldError.Invalid(place.Length > 0 ? place : NoField, "", message));

    private string Field(string path)
    {
        var relative = path.StartsWith('.') ? path[1..] : path;
        return relative.Length == 0 ? place.Length > 0 ? place : NoField : place.Length > 0 ? $"{place}.{relative}" : relative;
    }

    private static string[] TypesOf(JsonObject schema) =>
        Flag(schema, "x-kubernetes-int-or-string") ? ["integer", "string"] : Text(schema, "type") is { Length: > 0 } type ? [type] : [];

    private static string FormatOf(JsonObject schema) =>
        Text(schema, "format") is { Length: > 0 } format && StringFormats.IsKnown(Flag(schema, "x-kubernetes-int-or-string") ? "" : Text(schema, "type"), format) ? format : "";

    /// <summary>The type of a value and, of numbers, the format that Go reads it in: 1 is an integer, 1.0 is none.</summary>
    private static (string Type, string Format) Kind(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => ("object", ""),
        JsonValueKind.Array => ("array", ""),
        JsonValueKind.String => ("string", ""),
        JsonValueKind.Number => long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? ("integer", "int64") : ("number", "float64"),
        _ => ("boolean", ""),
    };

    private static IEnumerable<JsonObject> Parts(JsonObject schema, string name) => (schema[name] as JsonArray ?? []).OfType<JsonObject>();

    private static string Quoted(string text) => FieldError.Quote(text);

    /// <summary>As Go shows a float: exponents from 1e+21 on.</summary>
    private static string Show(double number) => Math.Abs(number) < 1e21 && double.IsInteger(number)
        ? ((decimal)number).ToString(CultureInfo.InvariantCulture)
        : number.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);

    private static string Text(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    private static double? Number(JsonObject schema, string name) => schema[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? Double(value) : null;

    /// <summary>A node holds the number as whatever it was read as.</summary>
    private static double Double(JsonNode value) => double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);

    private static bool Flag(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue(out bool set) && set;

    private static IEnumerable<string> Texts(JsonObject schema, string name) => (schema[name] as JsonArray ?? []).Select(one => one?.ToString() ?? "");
}
