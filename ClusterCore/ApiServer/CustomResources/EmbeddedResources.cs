using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>Objects within objects (<c>x-kubernetes-embedded-resource</c>): they have a kind, and metadata like others.</summary>
internal static class EmbeddedResources
{
    public static IReadOnlyList<FieldError> Validate(JsonObject schema, JsonNode? value, string path = "")
    {
        var errors = new FieldErrors();
        Walk(schema, value, path, errors);
        return errors.List;
    }

    /// <summary>Of one whose schema need not say that it is one.</summary>
    public static IReadOnlyList<FieldError> ValidateOne(JsonObject obj)
    {
        var errors = new FieldErrors();
        One(obj, "", errors);
        return errors.List;
    }

    private static void Walk(JsonObject schema, JsonNode? value, string path, FieldErrors errors)
    {
        switch (value)
        {
            case JsonObject obj:
                if (schema.Flag("x-kubernetes-embedded-resource") == true) { One(obj, path, errors); }
                foreach (var (name, child) in obj)
                {
                    if (schema.Object("properties")?[name] is JsonObject typed) { Walk(typed, child, Join(path, name), errors); }
                    else if (schema["additionalProperties"] is JsonObject values) { Walk(values, child, $"{path}[{name}]", errors); }
                }

                break;
            case JsonArray list when schema["items"] is JsonObject item:
                for (var i = 0; i < list.Count; i++) { Walk(item, list[i], $"{path}[{i}]", errors); }
                break;
        }
    }

    private static void One(JsonObject obj, string path, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (!obj.ContainsKey(name)) { errors.Required(Join(path, name)); }
            else if (obj.Text(name) is not { } text) { errors.Invalid(Join(path, name), obj[name], "must be a string"); }
            else { errors.Check(Join(path, name), text, text.Length == 0 ? ["must not be empty"] : name == "kind" ? ObjectNames.Kind(text) : WrongVersion(text)); }
        }

        if (obj["metadata"] is JsonObject metadata) { MetadataValidation.Embedded(metadata, Join(path, "metadata"), errors); }
        else if (obj["metadata"] is { } other) { errors.Invalid(Join(path, "metadata"), other, "must be an object"); }
    }

    private static IReadOnlyList<string> WrongVersion(string version) => version.Count(static c => c == '/') > 1 ? [$"unexpected GroupVersion string: {version}"] : [];

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
