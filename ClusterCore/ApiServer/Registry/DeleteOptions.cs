using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>How to delete, from the body or, without one, from the query.</summary>
internal sealed record DeleteOptions(long? GracePeriodSeconds, string? PropagationPolicy, string? Uid, string? ResourceVersion, bool DryRun)
{
    private const string Kind = "DeleteOptions";

    /// <summary>What upstream calls the list of kinds it looks for the options in.</summary>
    private const string Scheme = "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27";

    /// <summary>Old clients said <c>orphanDependents: false</c>, and are told with a 202 that what depends on the object goes first.</summary>
    public bool IsToldOfDependents { get; private init; }

    public static async ValueTask<DeleteOptions> ReadAsync(ApiRequest request)
    {
        var body = await BodyReader.ReadAsync(request.Http.Request, TimeProvider.System, request.Aborted);
        return body.Length == 0 ? FromQuery(request) : FromBody(request, body);
    }

    public static DeleteOptions From(JsonObject options)
    {
        string[] dryRun = [.. options.Texts("dryRun")];
        var orphan = options["orphanDependents"]?.GetValue<bool>();
        return new(
            ObjectMeta.Number(options, "gracePeriodSeconds"),
            Policy(ObjectMeta.Text(options, "propagationPolicy"), orphan, dryRun),
            NullIfEmpty(ObjectMeta.Text(options["preconditions"], "uid")),
            NullIfEmpty(ObjectMeta.Text(options["preconditions"], "resourceVersion")),
            dryRun.Length > 0)
        { IsToldOfDependents = orphan == false };
    }

    private static DeleteOptions FromQuery(ApiRequest request)
    {
        bool? orphan = request.Query("orphanDependents") is { Length: > 0 } said ? said == "true" : null;
        var policy = Policy(request.Query("propagationPolicy"), orphan, request.Queries("dryRun"));
        return new(request.Number("gracePeriodSeconds"), policy, null, null, request.IsDryRun) { IsToldOfDependents = orphan == false };
    }

    private static DeleteOptions FromBody(ApiRequest request, byte[] body)
    {
        var schema = ApiCatalog.Default.Type($"k8s.io.apimachinery.pkg.apis.meta.v1.{Kind}")!;
        var encoding = MediaType.OfBody(request.Http.Request.ContentType);
        var decoded = BodyDecoder.Decode(body, encoding, schema);
        var options = decoded.Object ?? throw Refusal.BadRequest(decoded.Error ?? "the delete options could not be decoded");
        if (ObjectMeta.Text(options, "kind") is { Length: > 0 } and not Kind and var kind)
        {
            // Of whatever version they are, options are options: every group once had its own.
            var version = NullIfEmpty(ObjectMeta.Text(options, "apiVersion")) ?? "meta.k8s.io/v1";
            throw Refusal.BadRequest($"no kind \"{kind}\" is registered for version \"{version}\" in scheme \"{Scheme}\"");
        }

        var read = From(options);
        return read with { DryRun = read.DryRun || request.IsDryRun };
    }

    private static string? Policy(string policy, bool? orphanDependents, IReadOnlyList<string> dryRun)
    {
        var errors = new List<FieldError>();
        if (policy.Length > 0 && orphanDependents is not null) { errors.Add(FieldError.Invalid("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set")); }
        if (policy is not ("" or "Foreground" or "Background" or "Orphan")) { errors.Add(FieldError.NotSupported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"])); }
        WriteOptions.DryRun(dryRun, errors);
        WriteOptions.Throw(Kind, errors);
        return policy.Length > 0 ? policy : orphanDependents switch { true => "Orphan", false => "Background", null => null };
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
