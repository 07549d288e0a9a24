using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Resources.Json;
using Microsoft.Net.Http.Headers;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>The four kinds of patch, by content type.</summary>
internal sealed class Patcher(ObjectWriter writer, FieldOwnership ownership)
{
    private const string JsonPatchType = "application/json-patch+json";
    private const string MergeType = "application/merge-patch+json";
    private const string StrategicType = "application/strategic-merge-patch+json";
    private const string ApplyType = "application/apply-patch+yaml";
    private static readonly string[] types = [JsonPatchType, MergeType, StrategicType, ApplyType];

    /// <summary>How lists of custom objects merge is known to apply alone.</summary>
    private static readonly string[] customTypes = [JsonPatchType, MergeType, ApplyType];

    public async ValueTask<Written> PatchAsync(Scope scope, Action<JsonObject, JsonObject>? prepare)
    {
        var type = AcceptedType(scope);
        var body = await BodyReader.ReadAsync(scope.Request.Http.Request, TimeProvider.System, scope.Aborted);
        if (type == ApplyType) { return await ApplyAsync(scope, body, prepare); }
        var patch = Read(type, body, out var duplicates);
        return await writer.UpdateAsync(
            scope, current => Checked(scope, patch(current, scope.Resource.Schema), duplicates, type == StrategicType ? body : null), prepare);
    }

    private async ValueTask<Written> ApplyAsync(Scope scope, byte[] body, Action<JsonObject, JsonObject>? prepare)
    {
        var configuration = ApplyConfiguration.Read(scope, body);
        JsonObject Merge(JsonObject? live)
        {
            var merged = Complete(scope, ownership.Apply(scope, live, configuration.DeepClone().AsObject()));
            ApplyConfiguration.CheckTwice(scope.Request, body);
            if (ObjectMeta.ResourceVersion(configuration) is { Length: > 0 } version) { ObjectMeta.Of(merged)["resourceVersion"] = version; }
            return merged;
        }

        return await writer.ApplyAsync(scope, ObjectMeta.Uid(configuration), Merge, prepare);
    }

    /// <summary>The content type of the patch, if the resource takes such patches.</summary>
    public static string AcceptedType(Scope scope)
    {
        var type = TypeOf(scope.Request);
        var accepted = scope.Resource.IsCustom() ? customTypes : types;
        return accepted.Contains(type, StringComparer.Ordinal) ? type : throw (scope.Resource.IsCustom() ? Refusal.UnsupportedMediaType(string.Join(", ", accepted)) : Refusal.NoSuchPatch());
    }

    public static bool IsApply(ApiRequest request) => TypeOf(request) == ApplyType;

    private static string TypeOf(ApiRequest request) =>
        MediaTypeHeaderValue.TryParse(request.Http.Request.ContentType, out var parsed) ? parsed.MediaType.Value ?? "" : "";

    /// <summary>A patch as a function of the object it is for.</summary>
    public static Func<JsonObject, ISchema, JsonObject> Read(string type, byte[] body) => Read(type, body, out _);

    /// <param name="duplicates">Fields that the patch gives twice.</param>
    private static Func<JsonObject, ISchema, JsonObject> Read(string type, byte[] body, out IReadOnlyList<string> duplicates)
    {
        Func<JsonObject, JsonNode?, ISchema, PatchResult> apply = type switch
        {
            JsonPatchType => (current, patch, _) => JsonPatch.Apply(current, patch),
            MergeType => (current, patch, _) => JsonMergePatch.Apply(current, patch),
            StrategicType => StrategicMergePatch.Apply,
            _ => throw Refusal.UnsupportedMediaType($"{JsonPatchType}, {MergeType}, {StrategicType}"),
        };
        if (!JsonCodec.TryParse(body, out var parsed, out var error, out duplicates))
        {
            throw Refusal.BadRequest(type == StrategicType ? error! : $"error decoding patch: {error}");
        }

        if (type == JsonPatchType) { duplicates = [.. duplicates.Select(static twice => $"json patch {twice}")]; }
        return (current, schema) =>
        {
            var result = apply(current, parsed?.DeepClone(), schema);
            return result.Object ?? throw Failed(result);
        };
    }

    /// <summary>Read again under the schema: a patch can bring unknown fields and wrong types as a body can.</summary>
    /// <param name="strategic">The patch, where refusals show it and not what it leads to.</param>
    private static JsonObject Checked(Scope scope, JsonObject next, IReadOnlyList<string> duplicates, byte[]? strategic)
    {
        KeepKind(scope, next, strategic is not null);
        var decoded = JsonCodec.Decode(JsonCodec.Encode(next), scope.Resource.Schema);
        decoded = decoded with { FieldErrors = [.. duplicates, .. decoded.FieldErrors] };
        if (decoded.Object is null) { throw InvalidPatch(next, strategic, strategic is null ? decoded.Error ?? "" : GoText.ConversionError(decoded.Error ?? "")); }
        if (decoded.StrictError is { } strict && scope.Request.FieldValidation == FieldValidation.Strict) { throw InvalidPatch(next, strategic, strict); }
        BodyDecoder.Warn(scope.Request, decoded);
        Preparation.CheckName(decoded.Object, scope.Request.Info.Name);
        return decoded.Object;
    }

    /// <summary>No patch makes an object one of another kind. A strategic one is of the fields alone: what it says of the kind is passed over.</summary>
    private static void KeepKind(Scope scope, JsonObject next, bool isStrategic)
    {
        var resource = scope.Resource;
        var (version, kind) = (ObjectMeta.Text(next, "apiVersion"), ObjectMeta.Text(next, "kind"));
        if (isStrategic || version.Length == 0) { next["apiVersion"] = version = resource.ApiVersion; }
        if (isStrategic || kind.Length == 0) { next["kind"] = kind = resource.Kind; }
        if (version == resource.ApiVersion && kind == resource.Kind)
        {
            if (resource.Namespaced) { KeepNamespace(ObjectMeta.Of(next), scope.Request.Info.Namespace); }
            return;
        }

        if (!resource.IsCustom()) { throw InvalidPatch(next, null, BodyDecoder.NoConversion(version, kind, resource.ApiVersion, resource.Kind)); }
        var (field, found, wanted) = kind == resource.Kind ? ("apiVersion", version, resource.ApiVersion) : ("kind", kind, resource.Kind);
        var error = FieldError.Invalid(field, found, $"must be {wanted}");
        throw Refusal.Invalid(resource.Group, resource.Kind, ObjectMeta.Name(next), [new(error.Reason, error.Body, error.Field)]);
    }

    private static void KeepNamespace(JsonObject metadata, string @namespace)
    {
        if (ObjectMeta.Text(metadata, "namespace") is { Length: > 0 } own && own != @namespace)
        {
            throw Refusal.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        metadata["namespace"] = @namespace;
    }

    /// <summary>With the members that are always there, as a body decoded under the schema has them.</summary>
    private static JsonObject Complete(Scope scope, JsonObject merged)
    {
        var decoded = JsonCodec.Decode(JsonCodec.Encode(merged), scope.Resource.Schema);
        return decoded.Object ?? throw InvalidPatch(merged, null, decoded.Error ?? "");
    }

    private static StatusException InvalidPatch(JsonObject patched, byte[]? strategic, string error)
    {
        JsonNode? patch = null;
        var shown = strategic is null || !JsonCodec.TryParse(strategic, out patch, out _) ? System.Text.Encoding.UTF8.GetString(JsonCodec.Encode(patched)) : GoFormat.Of(patch);
        return Refusal.Invalid("", "", "", [new("FieldValueInvalid", new FieldError(FieldErrorType.Invalid, "patch", shown, error).Body, "patch")]);
    }

    private static StatusException Failed(PatchResult result) => result.StatusCode switch
    {
        413 => new(new(413, "RequestEntityTooLarge", $"Request entity too large: {result.Error}")),
        // Upstream keeps to itself why: clients match on these words.
        422 => new(new(422, "Invalid", "the server rejected our request due to an error in our request") { Name = "" }),
        _ => Refusal.BadRequest(result.Error ?? ""),
    };
}
