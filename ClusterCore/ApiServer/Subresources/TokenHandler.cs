using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Subresources;

/// <summary><c>serviceaccounts/NAME/token</c>: a new token, for an audience, for a while, bound to a pod if wanted.</summary>
internal sealed class TokenHandler(ObjectStore objects, ServiceAccountTokens tokens, AdmissionChain admission, TimeProvider clock)
{
    private const long Shortest = 600;
    private const long Longest = 1L << 32;
    private static readonly TypeSchema schema = ApiCatalog.Default.TypeOf("authentication.k8s.io/v1", "TokenRequest")!;

    public async Task HandleAsync(Scope scope)
    {
        var request = await BodyDecoder.ReadAsync(scope.Request, "authentication.k8s.io/v1", "TokenRequest", schema);
        Locate(scope.Request.Info, ObjectMeta.Of(request));
        var account = (await objects.GetAsync(scope.Key(), scope.Aborted) ?? throw scope.NotFound(scope.Request.Info.Name)).Parse();
        var spec = request.Ensure("spec");
        var seconds = spec.Number("expirationSeconds") ?? 3600;
        Check(seconds);
        await admission.AdmitAsync(new(scope, Operation.Create, request, null));
        string[] audiences = [.. spec.Texts("audiences")];
        if (audiences.Length == 0) { audiences = [tokens.Issuer]; }
        var expires = clock.GetUtcNow().AddSeconds(seconds);
        var bound = await BoundAsync(scope, spec["boundObjectRef"] as JsonObject);
        var (name, @namespace) = (ObjectMeta.Name(account), ObjectMeta.Namespace(account));
        spec["audiences"] = new JsonArray([.. audiences.Select(one => (JsonNode)one)]);
        spec["expirationSeconds"] = seconds;
        request["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace, ["creationTimestamp"] = ObjectMeta.Timestamp(clock.GetUtcNow()) };
        request["status"] = new JsonObject
        {
            ["token"] = tokens.Issue(@namespace, name, ObjectMeta.Uid(account), audiences, expires, bound),
            ["expirationTimestamp"] = ObjectMeta.Timestamp(expires),
        };
        await ObjectAnswer.TreeAsync(scope, request, 201);
    }

    /// <summary>What the body says of name and namespace is the account's, or nothing.</summary>
    private static void Locate(RequestInfo info, JsonObject metadata)
    {
        if (metadata.Text("namespace") is { Length: > 0 } @namespace && @namespace != info.Namespace)
        {
            throw Refusal.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (metadata.Text("name") is { Length: > 0 } name && name != info.Name)
        {
            throw Invalid(info.Name, FieldError.Invalid("metadata.name", name, "must match the service account name if specified"));
        }
    }

    private static void Check(long seconds)
    {
        if (seconds is >= Shortest and <= Longest) { return; }
        var wrong = seconds < Shortest ? "may not specify a duration less than 10 minutes" : "may not specify a duration larger than 2^32 seconds";
        throw Invalid("", FieldError.Invalid("spec.expirationSeconds", seconds, wrong));
    }

    private static StatusException Invalid(string name, FieldError error) =>
        Refusal.Invalid("authentication.k8s.io", "TokenRequest", name, [new(error.Reason, error.Body, error.Field)]);

    private async ValueTask<BoundObject?> BoundAsync(Scope scope, JsonObject? reference)
    {
        if (reference is null) { return null; }
        var (kind, version, name, uid) = (ObjectMeta.Text(reference, "kind"), ObjectMeta.Text(reference, "apiVersion"), ObjectMeta.Text(reference, "name"), ObjectMeta.Text(reference, "uid"));
        GroupResource? bindable = (version.Contains('/'), kind) switch
        {
            (false, "Pod") => new("", "pods"),
            (false, "Secret") => new("", "secrets"),
            (false, "Node") => new("", "nodes"),
            _ => null,
        };
        if (bindable is not { } resource) { throw Refusal.BadRequest($"cannot bind token to object of type {(version.Contains('/') ? version : "/" + version)}, Kind={kind}"); }
        var stored = await objects.GetAsync(new(resource, kind == "Node" ? "" : scope.Request.Info.Namespace, name), scope.Aborted)
            ?? throw Refusal.NotFound(resource, name);
        var target = stored.Parse();
        if (kind == "Pod" && ObjectMeta.Text(target["spec"], "serviceAccountName") != scope.Request.Info.Name)
        {
            throw Refusal.BadRequest($"cannot bind token for serviceaccount \"{scope.Request.Info.Name}\" to pod running with different serviceaccount name.");
        }

        if (uid.Length > 0 && uid != ObjectMeta.Uid(target))
        {
            throw Refusal.Conflict(new("", kind), name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        }

        return new(kind, version, name, ObjectMeta.Uid(target), await NodeOfAsync(target, scope.Aborted));
    }

    /// <summary>A node that is gone is told by its name.</summary>
    private async ValueTask<BoundObject?> NodeOfAsync(JsonObject target, CancellationToken cancellationToken)
    {
        if (ObjectMeta.Text(target["spec"], "nodeName") is not { Length: > 0 } name) { return null; }
        var node = await objects.GetAsync(new(new("", "nodes"), "", name), cancellationToken);
        return new("Node", "v1", name, node is null ? "" : ObjectMeta.Uid(node.Parse()));
    }
}
