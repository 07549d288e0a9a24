using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>env and envFrom.</summary>
internal static class EnvironmentValidation
{
    private static readonly string[] Fields =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs",
        "status.podIP", "status.podIPs",
    ];

    private static readonly string[] Sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

    public static void Variables(JsonObject container, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var variable in container.Items("env"))
        {
            var at = $"{path}.env[{index++}]";
            Rules.Required(variable, "name", at, errors, ObjectNames.EnvironmentName);
            if (variable.Object("valueFrom") is { } source)
            {
                Source(source, variable.Has("value"), $"{at}.valueFrom", errors);
            }
        }

        index = 0;
        foreach (var source in container.Items("envFrom"))
        {
            From(source, $"{path}.envFrom[{index++}]", errors);
        }
    }

    private static void Source(JsonObject source, bool hasValue, string path, FieldErrors errors)
    {
        var count = Sources.Count(name => source[name] is not null);
        if (count == 0)
        {
            errors.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
        }
        else if (hasValue)
        {
            errors.Invalid(path, "", "may not be specified when `value` is not empty");
        }
        else if (count > 1)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }

        if (source.Object("fieldRef") is { } field)
        {
            FieldReference(field, $"{path}.fieldRef", errors);
        }

        if (source.Object("resourceFieldRef") is { } resource)
        {
            Rules.Required(resource, "resource", $"{path}.resourceFieldRef", errors);
        }

        foreach (var name in (ReadOnlySpan<string>)["configMapKeyRef", "secretKeyRef"])
        {
            if (source.Object(name) is { } reference)
            {
                Rules.Required(reference, "name", $"{path}.{name}", errors);
                Rules.Required(reference, "key", $"{path}.{name}", errors, ObjectNames.ConfigKey);
            }
        }
    }

    private static void FieldReference(JsonObject reference, string path, FieldErrors errors)
    {
        Rules.Required(reference, "apiVersion", path, errors);
        Rules.Required(reference, "fieldPath", path, errors);
        var field = reference.Text("fieldPath") ?? "";
        if (field.Length == 0)
        {
            return;
        }

        var isMap = (field.StartsWith("metadata.labels['", StringComparison.Ordinal) || field.StartsWith("metadata.annotations['", StringComparison.Ordinal))
            && field.EndsWith("']", StringComparison.Ordinal);
        if (!isMap && !Fields.Contains(field, StringComparer.Ordinal))
        {
            if (field is "metadata.labels" or "metadata.annotations" || !field.Contains('.', StringComparison.Ordinal))
            {
                errors.Invalid($"{path}.fieldPath", field, $"error converting fieldPath: field label not supported: {field}");
            }
            else
            {
                errors.NotSupported($"{path}.fieldPath", field, Fields);
            }
        }
    }

    private static void From(JsonObject source, string path, FieldErrors errors)
    {
        Rules.Optional(source, "prefix", path, errors, ObjectNames.EnvironmentName);
        var (configMap, secret) = (source.Object("configMapRef"), source.Object("secretRef"));
        if (configMap is not null)
        {
            Rules.Required(configMap, "name", $"{path}.configMapRef", errors);
        }

        if (secret is not null)
        {
            Rules.Required(secret, "name", $"{path}.secretRef", errors);
        }

        if (configMap is null && secret is null)
        {
            errors.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
        }
        else if (configMap is not null && secret is not null)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }
    }
}
