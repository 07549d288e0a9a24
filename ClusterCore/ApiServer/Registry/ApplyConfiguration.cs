using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>The body of a server-side apply: what its sender wants, and nothing else.</summary>
internal static class ApplyConfiguration
{
    public static JsonObject Read(Scope scope, byte[] body)
    {
        if (!YamlCodec.TryParse(body, out var parsed, out var error)) { throw Refusal.BadRequest($"error decoding YAML: {error}"); }
        if (parsed is not (JsonObject or null))
        {
            throw Refusal.BadRequest(
                $"error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {JsonCodec.KindOf(parsed)} into Go value of type map[string]interface {{}}");
        }

        var configuration = parsed as JsonObject ?? [];
        CheckKind(scope.Resource, configuration);
        // A copy goes to its place: what is not said in the configuration is not applied either.
        Preparation.Locate(scope.Resource, configuration.DeepClone().AsObject(), scope.Request.Info);
        if (configuration.Metadata()?["managedFields"] is not null) { throw Refusal.BadRequest("metadata.managedFields must be nil"); }
        return configuration;
    }

    /// <summary>Fields given twice: refused or warned of once it is known that the rest can be applied.</summary>
    public static void CheckTwice(ApiRequest request, byte[] body)
    {
        if (request.FieldValidation == FieldValidation.Ignore || YamlCodec.Duplicates(body) is not { Count: > 0 } twice) { return; }
        if (request.FieldValidation == FieldValidation.Strict) { throw Refusal.BadRequest($"error strict decoding YAML: {string.Join(", ", twice)}"); }
        BodyDecoder.Warn(request, new DecodeResult([], null, twice));
    }

    private static void CheckKind(ResourceInfo resource, JsonObject configuration)
    {
        var (version, kind) = (ObjectMeta.Text(configuration, "apiVersion"), ObjectMeta.Text(configuration, "kind"));
        if (version == resource.ApiVersion && kind == resource.Kind) { return; }
        throw Refusal.BadRequest($"invalid object type: {(version.Contains('/', StringComparison.Ordinal) ? version : "/" + version)}, Kind={kind}");
    }
}
