using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Authorization;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Reviews;

/// <summary>Questions in the form of objects that are answered and never stored.</summary>
internal sealed class ReviewHandler(IAuthorizer authorizer, RbacAuthorizer rbac, IReadOnlyList<ITokenAuthenticator> tokens, AdmissionChain admission)
{
    public static bool Handles(ResourceInfo resource) => resource.Group is "authorization.k8s.io" or "authentication.k8s.io";

    public async Task HandleAsync(Scope scope)
    {
        if (scope.Request.Info.Verb != "create") { throw Refusal.MethodNotAllowed(); }
        var resource = scope.Resource;
        var review = await BodyDecoder.ReadAsync(scope.Request, resource.ApiVersion, resource.Kind, resource.Schema);
        ObjectMeta.Of(review)["creationTimestamp"] ??= null;
        await admission.AdmitAsync(new(scope, Operation.Create, review, null));
        review["status"] = resource.Kind switch
        {
            "SubjectAccessReview" => Access(Subject(review), review, ""),
            "LocalSubjectAccessReview" => Access(Subject(review), review, scope.Request.Info.Namespace),
            "SelfSubjectAccessReview" => Access(scope.Request.User, review, ""),
            "SelfSubjectRulesReview" => Rules(scope.Request.User, ObjectMeta.Text(review["spec"], "namespace")),
            "SelfSubjectReview" => new() { ["userInfo"] = UserView.Of(scope.Request.User) },
            "TokenReview" => await TokenAsync(review, scope.Aborted),
            _ => throw Refusal.PathNotFound(),
        };
        await ObjectAnswer.TreeAsync(scope, review, 201);
    }

    private JsonObject Rules(UserInfo user, string @namespace)
    {
        if (@namespace.Length == 0) { throw Refusal.BadRequest("no namespace on request"); }
        var rules = RuleList.Of(rbac.RulesFor(user, @namespace));
        if (user.NodeName is null) { return rules; }
        // What a node may read depends on its pods: that is no list of rules.
        rules["incomplete"] = true;
        rules["evaluationError"] = "node authorizer does not support user rule resolution";
        return rules;
    }

    private JsonObject Access(UserInfo user, JsonObject review, string onlyNamespace)
    {
        var spec = review["spec"];
        var wanted = (spec?["resourceAttributes"], spec?["nonResourceAttributes"]) switch
        {
            (JsonObject resource, null) => new Attributes(user, ObjectMeta.Text(resource, "verb"))
            {
                IsResource = true,
                Namespace = ObjectMeta.Text(resource, "namespace"),
                Group = ObjectMeta.Text(resource, "group"),
                Version = ObjectMeta.Text(resource, "version"),
                Resource = ObjectMeta.Text(resource, "resource"),
                Subresource = ObjectMeta.Text(resource, "subresource"),
                Name = ObjectMeta.Text(resource, "name"),
                FieldSelector = ObjectMeta.Text(resource["fieldSelector"], "rawSelector"),
            },
            (null, JsonObject path) => new Attributes(user, ObjectMeta.Text(path, "verb")) { Path = ObjectMeta.Text(path, "path") },
            _ => throw Refusal.Invalid("authorization.k8s.io", review["kind"]!.ToString(), "",
                [new("FieldValueInvalid", "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified", "spec.resourceAttributes")]),
        };
        if (onlyNamespace.Length > 0 && wanted.Namespace != onlyNamespace)
        {
            throw Refusal.BadRequest($"spec.resourceAttributes.namespace must match namespace: {onlyNamespace}");
        }

        var decision = authorizer.Authorize(wanted);
        var status = new JsonObject { ["allowed"] = decision.Allowed };
        if (decision.Reason.Length > 0) { status["reason"] = decision.Reason; }
        return status;
    }

    private static UserInfo Subject(JsonObject review)
    {
        var spec = review["spec"];
        var groups = (spec?["groups"] as JsonArray ?? []).Select(group => group?.ToString() ?? "").ToArray();
        var user = ObjectMeta.Text(spec, "user");
        if (user.Length == 0 && groups.Length == 0)
        {
            throw Refusal.Invalid("authorization.k8s.io", review["kind"]!.ToString(), "",
                [new("FieldValueInvalid", "Invalid value: \"\": at least one of user or group must be specified", "spec.user")]);
        }

        return new(user, ObjectMeta.Text(spec, "uid"), groups);
    }

    private async ValueTask<JsonObject> TokenAsync(JsonObject review, CancellationToken cancellationToken)
    {
        var token = ObjectMeta.Text(review["spec"], "token");
        if (token.Length == 0) { throw Refusal.BadRequest("token is required for TokenReview in authentication"); }
        var audiences = (review["spec"]?["audiences"] as JsonArray ?? []).Select(one => one?.ToString() ?? "").ToArray();
        foreach (var authenticator in tokens)
        {
            if (await authenticator.AuthenticateAsync(token, audiences, cancellationToken) is not { } identity) { continue; }
            return new()
            {
                ["authenticated"] = true,
                ["user"] = UserView.Of(identity.User.WithGroup(UserInfo.Authenticated)),
                ["audiences"] = new JsonArray([.. identity.Audiences.Select(one => (JsonNode)one)]),
            };
        }

        return new() { ["authenticated"] = false, ["user"] = new JsonObject(), ["error"] = "invalid bearer token" };
    }
}
