using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>How to delete, from the body or, without one, from the query.</summary>
internal sealed record DeleteOptions(long? GracePeriodSeconds, string? PropagationPolicy, string? Uid, string? ResourceVersion, bool DryRun)
{
    public static async ValueTask<DeleteOptions> ReadAsync(ApiRequest request)
    {
        var body = await BodyReader.ReadAsync(request.Http.Request, TimeProvider.System, request.Aborted);
        return body.Length == 0 ? FromQuery(request) : FromBody(request, body);
    }

    public static DeleteOptions From(JsonObject options) => new(
        ObjectMeta.Number(options, "gracePeriodSeconds"),
        Policy(ObjectMeta.Text(options, "propagationPolicy"), options["orphanDependents"]?.GetValue<bool>()),
        NullIfEmpty(ObjectMeta.Text(options["preconditions"], "uid")),
        NullIfEmpty(ObjectMeta.Text(options["preconditions"], "resourceVersion")),
        options["dryRun"] is JsonArray { Count: > 0 });

    private static DeleteOptions FromQuery(ApiRequest request) => new(
        request.Number("gracePeriodSeconds"),
        Policy(request.Query("propagationPolicy"), request.Query("orphanDependents") is { Length: > 0 } orphan ? orphan == "true" : null),
        null, null, request.IsDryRun);

    private static DeleteOptions FromBody(ApiRequest request, byte[] body)
    {
        var schema = ApiCatalog.Default.Type("k8s.io.apimachinery.pkg.apis.meta.v1.DeleteOptions")!;
        var encoding = MediaType.OfBody(request.Http.Request.ContentType);
        var decoded = BodyDecoder.Decode(body, encoding, schema);
        var options = decoded.Object ?? throw Refusal.BadRequest(decoded.Error ?? "the delete options could not be decoded");
        var read = From(options);
        return read with { DryRun = read.DryRun || request.IsDryRun };
    }

    private static string? Policy(string policy, bool? orphanDependents) => policy switch
    {
        "Orphan" or "Background" or "Foreground" => policy,
        "" => orphanDependents switch { true => "Orphan", false => "Background", null => null },
        _ => throw Refusal.Invalid("", "DeleteOptions", "",
            [new("FieldValueNotSupported", $"Unsupported value: \"{policy}\": supported values: \"Background\", \"Foreground\", \"Orphan\"", "propagationPolicy")]),
    };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
