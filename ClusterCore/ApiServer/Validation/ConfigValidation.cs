using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>ConfigMaps and Secrets.</summary>
internal static class ConfigValidation
{
    private const int MaxBytes = 1024 * 1024;
    private const string ImmutableSet = "field is immutable when `immutable` is set";

    public static void ConfigMap(JsonObject map, FieldErrors errors)
    {
        var (data, binary) = (map.Object("data"), map.Object("binaryData"));
        var size = 0L;
        foreach (var (key, value) in data ?? [])
        {
            errors.Check($"data[{key}]", key, ObjectNames.ConfigKey(key));
            if (binary?.ContainsKey(key) == true)
            {
                errors.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
            }

            size += Encoding.UTF8.GetByteCount(value?.GetValue<string>() ?? "");
        }

        foreach (var (key, value) in binary ?? [])
        {
            errors.Check($"binaryData[{key}]", key, ObjectNames.ConfigKey(key));
            if (data?.ContainsKey(key) == true)
            {
                errors.Invalid($"binaryData[{key}]", key, "duplicate of key present in data");
            }

            size += BytesOf(value);
        }

        if (size > MaxBytes)
        {
            errors.Add(FieldError.TooLong("", MaxBytes));
        }
    }

    public static void ConfigMapUpdate(JsonObject map, JsonObject old, FieldErrors errors)
    {
        Frozen(map, old, errors, "data", "binaryData");
        ConfigMap(map, errors);
    }

    public static void Secret(JsonObject secret, FieldErrors errors)
    {
        var data = secret.Object("data") ?? [];
        var size = 0L;
        foreach (var (key, value) in data)
        {
            errors.Check($"data[{key}]", key, ObjectNames.ConfigKey(key));
            size += BytesOf(value);
        }

        if (size > MaxBytes)
        {
            errors.Add(FieldError.TooLong("data", MaxBytes));
        }

        TypedData(secret, data, errors);
    }

    public static void SecretUpdate(JsonObject secret, JsonObject old, FieldErrors errors)
    {
        if (secret.Text("type") != old.Text("type"))
        {
            errors.Invalid("type", secret.Text("type") ?? "", Rules.Immutable);
        }

        Frozen(secret, old, errors, "data");
        Secret(secret, errors);
    }

    private static void TypedData(JsonObject secret, JsonObject data, FieldErrors errors)
    {
        switch (secret.Text("type"))
        {
            case "kubernetes.io/service-account-token":
                if (secret.Metadata()?.Object("annotations")?.Has("kubernetes.io/service-account.name") != true)
                {
                    errors.Required("metadata.annotations[kubernetes.io/service-account.name]");
                }

                break;
            case "kubernetes.io/dockercfg":
                Json(data, ".dockercfg", errors);
                break;
            case "kubernetes.io/dockerconfigjson":
                Json(data, ".dockerconfigjson", errors);
                break;
            case "kubernetes.io/basic-auth" when !data.ContainsKey("username") && !data.ContainsKey("password"):
                errors.Required("data[username]");
                errors.Required("data[password]");
                break;
            case "kubernetes.io/ssh-auth" when !data.Has("ssh-privatekey"):
                errors.Required("data[ssh-privatekey]");
                break;
            case "kubernetes.io/tls":
                Required(data, "tls.crt", errors);
                Required(data, "tls.key", errors);
                break;
        }
    }

    private static void Required(JsonObject data, string key, FieldErrors errors)
    {
        if (!data.ContainsKey(key))
        {
            errors.Required($"data[{key}]");
        }
    }

    private static void Json(JsonObject data, string key, FieldErrors errors)
    {
        if (!data.ContainsKey(key))
        {
            errors.Required($"data[{key}]");
        }
        else if (!JsonCodec.TryParse(Convert.FromBase64String(data.Text(key) ?? ""), out _, out var wrong))
        {
            errors.Invalid($"data[{key}]", "<secret contents redacted>", wrong!);
        }
    }

    private static void Frozen(JsonObject obj, JsonObject old, FieldErrors errors, params string[] fields)
    {
        if (old.Flag("immutable") != true)
        {
            return;
        }

        if (obj.Flag("immutable") != true)
        {
            errors.Forbidden("immutable", ImmutableSet);
        }

        foreach (var field in fields.Where(field => !JsonNode.DeepEquals(obj[field], old[field])))
        {
            errors.Forbidden(field, ImmutableSet);
        }
    }

    private static long BytesOf(JsonNode? base64) => base64?.GetValue<string>() is { } text ? text.Length / 4 * 3 : 0;
}
