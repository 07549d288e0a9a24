using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Authentication;
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
        var account = (await objects.GetAsync(scope.Key(), scope.Aborted) ?? throw scope.NotFound(scope.Request.Info.Name)).Parse();
        await admission.AdmitAsync(new(scope, Operation.Create, request, null));
        if (request["spec"] is not JsonObject spec) { request["spec"] = spec = []; }
        var seconds = ObjectMeta.Number(spec, "expirationSeconds") ?? 3600;
        Check(scope, seconds);
        var audiences = (spec["audiences"] as JsonArray ?? []).Select(one => one?.ToString() ?? "").ToArray();
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

    private static void Check(Scope scope, long seconds)
    {
        if (seconds is >= Shortest and <= Longest) { return; }
        var wrong = seconds < Shortest ? "may not specify a duration less than 10 minutes" : "may not specify a duration larger than 2^32 seconds";
        throw Refusal.Invalid("authentication.k8s.io", "TokenRequest", scope.Request.Info.Name,
            [new("FieldValueInvalid", $"Invalid value: {seconds}: {wrong}", "spec.expirationSeconds")]);
    }

    private async ValueTask<BoundObject?> BoundAsync(Scope scope, JsonObject? reference)
    {
        if (reference is null) { return null; }
        var (kind, name, uid) = (ObjectMeta.Text(reference, "kind"), ObjectMeta.Text(reference, "name"), ObjectMeta.Text(reference, "uid"));
        var resource = kind switch
        {
            "Pod" => new GroupResource("", "pods"),
            "Secret" => new("", "secrets"),
            "Node" => new("", "nodes"),
            _ => throw Refusal.BadRequest($"cannot bind token for serviceaccount \"{scope.Request.Info.Name}\" to object of type {kind}"),
        };
        var stored = await objects.GetAsync(new(resource, kind == "Node" ? "" : scope.Request.Info.Namespace, name), scope.Aborted)
            ?? throw Refusal.NotFound(resource, name);
        var target = stored.Parse();
        if (uid.Length > 0 && uid != ObjectMeta.Uid(target))
        {
            throw Refusal.Conflict(resource, name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        }

        if (kind == "Pod" && ObjectMeta.Text(target["spec"], "serviceAccountName") is var account && account != scope.Request.Info.Name)
        {
            throw Refusal.BadRequest($"cannot bind token for serviceaccount \"{scope.Request.Info.Name}\" to pod running with different serviceaccount name.");
        }

        return new(kind, ObjectMeta.Text(reference, "apiVersion"), name, ObjectMeta.Uid(target), await NodeOfAsync(target, scope.Aborted));
    }

    private async ValueTask<BoundObject?> NodeOfAsync(JsonObject target, CancellationToken cancellationToken)
    {
        if (ObjectMeta.Text(target["spec"], "nodeName") is not { Length: > 0 } name) { return null; }
        var node = await objects.GetAsync(new(new("", "nodes"), "", name), cancellationToken);
        return node is null ? null : new("Node", "v1", name, ObjectMeta.Uid(node.Parse()));
    }
}
