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
        if (!YamlCodec.TryParse(body, out var parsed, out var error) || parsed is not JsonObject configuration)
        {
            throw Refusal.BadRequest($"error decoding YAML: {error ?? "the configuration is no object"}");
        }

        Check(scope, configuration);
        Preparation.Locate(scope.Resource, configuration, scope.Request.Info);
        return configuration;
    }

    private static void Check(Scope scope, JsonObject configuration)
    {
        var (apiVersion, kind) = (ObjectMeta.Text(configuration, "apiVersion"), ObjectMeta.Text(configuration, "kind"));
        if (apiVersion != scope.Resource.ApiVersion || kind != scope.Resource.Kind)
        {
            throw Refusal.BadRequest($"the object's {apiVersion}, Kind={kind} does not match the expected {scope.Resource.ApiVersion}, Kind={scope.Resource.Kind}");
        }

        var decoded = BodyDecoder.Decode(JsonCodec.Encode(configuration), Encoding.Json, scope.Resource.Schema);
        if (decoded.Object is null) { throw Refusal.BadRequest(decoded.Error ?? "the configuration could not be decoded"); }
        if (configuration.Metadata()?["managedFields"] is not null) { throw Refusal.BadRequest("metadata.managedFields must be nil"); }
        if (decoded.StrictError is { } strict && scope.Request.FieldValidation == FieldValidation.Strict) { throw Refusal.BadRequest(strict); }
        BodyDecoder.Warn(scope.Request, decoded);
    }
}
