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
internal sealed class ReviewHandler(IAuthorizer authorizer, RbacAuthorizer rbac, IReadOnlyList<ITokenAuthenticator> tokens, AdmissionChain admission, TimeProvider clock)
{
    private const string InvalidToken = "invalid bearer token";

    public static bool Handles(ResourceInfo resource) => resource.Group is "authorization.k8s.io" or "authentication.k8s.io";

    public async Task HandleAsync(Scope scope)
    {
        if (scope.Request.Info.Verb != "create") { throw Refusal.MethodNotAllowed(); }
        var resource = scope.Resource;
        var review = await BodyDecoder.ReadAsync(scope.Request, resource.ApiVersion, resource.Kind, resource.Schema);
        Preparation.Locate(resource, review, scope.Request.Info);
        ObjectMeta.Of(review)["creationTimestamp"] ??= null;
        await admission.AdmitAsync(new(scope, Operation.Create, review, null));
        if (resource.Kind.EndsWith("AccessReview", StringComparison.Ordinal)) { ReviewValidation.Check(resource.Kind, review, scope.Request.Info.Namespace); }
        review["status"] = resource.Kind switch
        {
            "SubjectAccessReview" or "LocalSubjectAccessReview" => Access(Subject(review), review),
            "SelfSubjectAccessReview" => Access(scope.Request.User, review),
            "SelfSubjectRulesReview" => Rules(scope.Request.User, review),
            "SelfSubjectReview" => Self(scope.Request.User, review),
            "TokenReview" => await TokenAsync(review, scope.Aborted),
            _ => throw Refusal.PathNotFound(),
        };
        await ObjectAnswer.TreeAsync(scope, review, 201);
    }

    private JsonObject Self(UserInfo user, JsonObject review)
    {
        ObjectMeta.Of(review)["creationTimestamp"] = ObjectMeta.Timestamp(clock.GetUtcNow());
        return new() { ["userInfo"] = UserView.Of(user) };
    }

    /// <summary>The answer does not repeat the question, as upstream's.</summary>
    private JsonObject Rules(UserInfo user, JsonObject review)
    {
        if (review.Spec()?.Text("namespace") is not { Length: > 0 } @namespace) { throw Refusal.BadRequest("no namespace on request"); }
        review["spec"] = new JsonObject();
        var rules = RuleList.Of(rbac.RulesFor(user, @namespace));
        if (user.NodeName is null) { return rules; }
        // What a node may read depends on its pods: that is no list of rules.
        rules["incomplete"] = true;
        rules["evaluationError"] = "node authorizer does not support user rule resolution";
        return rules;
    }

    private JsonObject Access(UserInfo user, JsonObject review)
    {
        var (resource, path) = (review.Spec()!.Object("resourceAttributes"), review.Spec()!["nonResourceAttributes"]);
        var decision = authorizer.Authorize(resource is not null ? Wanted(user, resource) : new(user, ObjectMeta.Text(path, "verb")) { Path = ObjectMeta.Text(path, "path") });
        var status = new JsonObject { ["allowed"] = decision.Allowed };
        if (decision.Reason.Length > 0) { status["reason"] = decision.Reason; }
        return status;
    }

    private static Attributes Wanted(UserInfo user, JsonObject resource) => new(user, ObjectMeta.Text(resource, "verb"))
    {
        IsResource = true,
        Namespace = ObjectMeta.Text(resource, "namespace"),
        Group = ObjectMeta.Text(resource, "group"),
        Version = ObjectMeta.Text(resource, "version"),
        Resource = ObjectMeta.Text(resource, "resource"),
        Subresource = ObjectMeta.Text(resource, "subresource"),
        Name = ObjectMeta.Text(resource, "name"),
        FieldSelector = FieldSelector(resource.Object("fieldSelector")),
    };

    /// <summary>Requirements that are not understood are left out: a selector of less can only allow less.</summary>
    private static string FieldSelector(JsonObject? selector) => selector?.Text("rawSelector") is { Length: > 0 } raw
        ? raw
        : string.Join(',', (selector?.Items("requirements") ?? []).Where(static one => one.Text("operator") == "In" && one.List("values") is [_])
            .Select(static one => $"{one.Text("key")}={one["values"]![0]}"));

    private static UserInfo Subject(JsonObject review)
    {
        var spec = review.Spec()!;
        return new(spec.Text("user") ?? "", spec.Text("uid") ?? "", [.. spec.Texts("groups")]);
    }

    private async ValueTask<JsonObject> TokenAsync(JsonObject review, CancellationToken cancellationToken)
    {
        var token = ObjectMeta.Text(review["spec"], "token");
        if (token.Length == 0) { throw Refusal.BadRequest("token is required for TokenReview in authentication"); }
        string[] audiences = [.. review.Spec()!.Texts("audiences")];
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

        var problem = tokens.Select(one => one.ProblemOf(token, audiences)).FirstOrDefault(static one => one is not null);
        return new() { ["user"] = new JsonObject(), ["error"] = problem is null ? InvalidToken : $"[{InvalidToken}, {problem}]" };
    }
}
